import { open, readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { type Entry, openPromise, type ZipFile } from 'yauzl';
import { AppError } from '../../../contract/errors/app-error.ts';
import { errorCode, touching } from '../files/file-failure.ts';
import { readFileBytes } from '../files/read-file.ts';

/** Where the bytes of a file are: a path, or an entry of a zip. */
export interface DicomSource {
  readonly path: string;
  readonly entry?: string;
}

/** A file that may be DICOM. */
export interface Candidate {
  readonly source: DicomSource;
  /** The first bytes, at most `headBytes`. */
  head(): Promise<Uint8Array>;
  all(): Promise<Uint8Array>;
  readonly byteLength: number;
}

export const headBytes = 32 * 1024;
/** A file of a zip that claims more is not unpacked into memory. */
const mostEntryBytes = 2 ** 31;

/** Every file of the inputs, folders searched to the bottom, zips opened. @throws AppError `storage/not-found` and those of reading */
export async function* candidates(inputs: readonly string[]): AsyncGenerator<Candidate> {
  for (const input of inputs) {
    const found = await touching(input, () => stat(input)).catch((cause: unknown) => {
      if (errorCode(cause) === 'ENOENT')
        throw new AppError('storage/not-found', { what: 'scan or folder', where: input });
      throw cause;
    });
    if (found.isDirectory()) yield* below(input);
    else if (/^DICOMDIR$/i.test(basename(input)))
      yield* below(dirname(input)); // the directory of a CD stands for what lies beside it
    else yield* fileOrZip(input, found.size);
  }
}

async function* below(folder: string): AsyncGenerator<Candidate> {
  const entries = await touching(folder, () => readdir(folder, { withFileTypes: true }));
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* below(path);
    else if (entry.isFile()) yield* fileOrZip(path, (await touching(path, () => stat(path))).size);
  }
}

async function* fileOrZip(path: string, byteLength: number): AsyncGenerator<Candidate> {
  if (/\.zip$/i.test(path)) {
    yield* entriesOf(path);
    return;
  }
  const all = () => readFileBytes(path, 'scan');
  yield { source: { path }, byteLength, all, head: () => (byteLength <= headBytes ? all() : readHead(path)) };
}

/** The first bytes of a file, as far as a header may reach. */
export async function readHead(path: string): Promise<Uint8Array> {
  return touching(path, async () => {
    const file = await open(path, 'r');
    try {
      const bytes = new Uint8Array(headBytes);
      const { bytesRead } = await file.read(bytes, 0, headBytes, 0);
      return bytes.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  });
}

async function* entriesOf(path: string): AsyncGenerator<Candidate> {
  const zip = await openZip(path);
  try {
    for await (const entry of zip.eachEntry()) {
      if (entry.fileName.endsWith('/')) continue;
      const all = () => readEntry(zip, entry, path);
      yield { source: { path, entry: entry.fileName }, byteLength: entry.uncompressedSize, head: all, all };
    }
  } catch (cause) {
    throw cause instanceof AppError ? cause : damagedZip(path, cause);
  } finally {
    zip.close();
  }
}

/** The bytes of several sources by their places; each zip is opened once. */
export async function readSources(sources: readonly DicomSource[]): Promise<readonly Uint8Array[]> {
  const bytes: Uint8Array[] = [];
  const places = new Map<string, number>();
  const zips = new Set<string>();
  for (const [place, { path, entry }] of sources.entries()) {
    if (entry === undefined) bytes[place] = await readFileBytes(path, 'scan');
    else {
      zips.add(path);
      places.set(`${path}\0${entry}`, place);
    }
  }
  for (const zip of zips)
    for await (const { source, all } of entriesOf(zip)) {
      const place = places.get(`${source.path}\0${source.entry}`);
      if (place !== undefined) bytes[place] = await all();
    }
  for (const [place, { path, entry }] of sources.entries())
    if (!bytes[place]) throw new AppError('storage/not-found', { what: 'file', where: `${path}: ${entry}` });
  return bytes;
}

async function openZip(path: string): Promise<ZipFile> {
  try {
    return await openPromise(path, { lazyEntries: true, autoClose: false });
  } catch (cause) {
    throw damagedZip(path, cause);
  }
}

async function readEntry(zip: ZipFile, entry: Entry, path: string): Promise<Uint8Array> {
  if (entry.uncompressedSize > mostEntryBytes)
    throw damagedZip(path, new RangeError('a file in it is larger than 2 GiB'));
  const { buffer: bytes, byteOffset, byteLength } = await buffer(await zip.openReadStreamPromise(entry));
  return new Uint8Array(bytes, byteOffset, byteLength);
}

const damagedZip = (file: string, cause: unknown): AppError =>
  new AppError(
    'storage/corrupted',
    { file, reason: cause instanceof Error ? cause.message : String(cause) },
    { cause },
  );
