import { stat } from 'node:fs/promises';
import { errorCode, fileFailure } from './file-failure.ts';
import { readFileIfThere } from './read-file.ts';

/**
 * Parses a file once, and again only where another has taken its place: our files are replaced whole, never changed, so that number, time and
 * length tell them apart. undefined where there is no such file.
 */
export function rememberFiles<Value>(parse: (bytes: Uint8Array, path: string) => Value) {
  const known = new Map<string, { readonly as: string; readonly value: Value }>();
  return async (path: string): Promise<Value | undefined> => {
    const as = await stateOf(path);
    const before = known.get(path);
    if (as !== undefined && before?.as === as) return before.value;
    const bytes = as === undefined ? undefined : await readFileIfThere(path);
    if (as === undefined || bytes === undefined) {
      known.delete(path);
      return undefined;
    }
    const value = parse(bytes, path);
    known.set(path, { as, value });
    return value;
  };
}

async function stateOf(path: string): Promise<string | undefined> {
  try {
    const { ino, mtimeNs, size } = await stat(path, { bigint: true });
    return `${ino} ${mtimeNs} ${size}`;
  } catch (cause) {
    if (errorCode(cause) === 'ENOENT') return undefined;
    throw fileFailure(cause, path);
  }
}
