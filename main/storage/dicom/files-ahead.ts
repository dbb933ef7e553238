import { type DicomSource, readSources } from './dicom-sources.ts';

/**
 * Bytes of files by their places in `sources`, asked for in the order of `wanted`: the next file is read while the caller works
 * on this one. Those of a zip are read all at once, each zip being opened once.
 */
export function filesAhead(
  sources: readonly DicomSource[],
  wanted: readonly number[],
): (file: number) => Promise<Uint8Array> {
  const order = [...new Set(wanted)];
  const after = new Map(order.map((file, n) => [file, order[n + 1]]));
  const zipped = order.filter((file) => sources[file]!.entry !== undefined);
  const unzipped = once(async () => {
    const bytes = await readSources(zipped.map((file) => sources[file]!));
    return new Map(zipped.map((file, n) => [file, bytes[n]!]));
  });
  const read = async (file: number): Promise<Uint8Array> =>
    sources[file]!.entry === undefined
      ? (await readSources([sources[file]!]))[0]! // one source gives one file
      : (await unzipped()).get(file)!;
  let ahead: { readonly file: number; readonly bytes: Promise<Uint8Array> } | undefined;
  return async (file) => {
    const bytes = await (ahead?.file === file ? ahead.bytes : read(file));
    const next = after.get(file);
    ahead = next === undefined ? undefined : { file: next, bytes: read(next) };
    ahead?.bytes.catch(() => {}); // who asks for it learns of the failure
    return bytes;
  };
}

function once<Value>(work: () => Promise<Value>): () => Promise<Value> {
  let value: Promise<Value> | undefined;
  return () => {
    value ??= work();
    return value;
  };
}
