import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../contract/errors/app-error.ts';
import type { Wheel } from './manifest.ts';
import { runProgram } from './run-program.ts';
import { verifyWheel } from './verify-wheel.ts';

/** Where wheels come from: the user's own folder (then no network), or the cache, filled by pip. */
export type WheelSource =
  | { readonly kind: 'folder'; readonly folder: string }
  | { readonly kind: 'index'; readonly cache: string; readonly interpreter: string; readonly pythonVersion: string };

/**
 * Path of the verified wheel. Throws `native/wheel-missing` (not in the folder), `native/wheel-damaged` (not the pinned
 * file) or `native/download-failed`. A damaged file in the cache is fetched anew; one in the user's folder is left alone.
 */
export async function obtainWheel(wheel: Wheel, source: WheelSource): Promise<string> {
  if (source.kind === 'folder') {
    const path = join(source.folder, wheel.file);
    if (!existsSync(path)) throw new AppError('native/wheel-missing', { file: wheel.file, folder: source.folder });
    await verifyWheel(path, wheel);
    return path;
  }
  const cached = join(source.cache, wheel.file);
  if (existsSync(cached)) {
    const sound = await verifyWheel(cached, wheel).then(
      () => true,
      () => false,
    );
    if (sound) return cached;
    await rm(cached);
  }
  await download(wheel, source, cached);
  return cached;
}

async function download(
  wheel: Wheel,
  { cache, interpreter, pythonVersion }: WheelSource & { readonly kind: 'index' },
  target: string,
): Promise<void> {
  const draft = join(cache, `${wheel.package}.draft`);
  await rm(draft, { recursive: true, force: true });
  await mkdir(draft, { recursive: true });
  try {
    const args = pipArguments(wheel, pythonVersion, draft);
    const { code, output } = await runProgram(interpreter, args, { show: process.stderr.isTTY === true });
    const path = join(draft, wheel.file);
    if (code !== 0 || !existsSync(path)) {
      throw new AppError('native/download-failed', { file: wheel.file, reason: lastLine(output) });
    }
    await verifyWheel(path, wheel);
    await rename(path, target);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

/** The platform tag is the last part of a wheel's name; where it lists several, any one of them will do. */
export function pipArguments(wheel: Wheel, pythonVersion: string, folder: string): readonly string[] {
  const tag = wheel.file.slice(0, -'.whl'.length).split('-').at(-1)!.split('.')[0]!;
  return [
    ...['-m', 'pip', 'download', '--no-deps', '--no-cache-dir', '--disable-pip-version-check', '--only-binary=:all:'],
    ...['--implementation', 'cp', '--python-version', pythonVersion, '--platform', tag, '--dest', folder],
    `${wheel.package}==${wheel.version}`,
  ];
}

function lastLine(output: string): string {
  const lines = output.split('\n').filter((line) => line.trim() !== '');
  return lines.findLast((line) => line.startsWith('ERROR')) ?? lines.at(-1) ?? 'pip said nothing';
}
