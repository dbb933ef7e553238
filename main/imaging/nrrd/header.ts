import { AppError } from '../../../contract/errors/app-error.ts';

/** An NRRD header taken apart, nothing interpreted. */
export interface NrrdHeader {
  /** Fields by lower-case name, e.g. `space directions`. */
  readonly fields: ReadonlyMap<string, string>;
  /** Where the data begin, after the blank line; the end of the bytes where there is none. */
  readonly headerBytes: number;
}

/** Headers end within this; key/value pairs of scanners can be long. */
const mostHeaderBytes = 1 << 20;
const newline = 10;

export const isNrrd = (bytes: Uint8Array): boolean =>
  new TextDecoder('latin1').decode(bytes.subarray(0, 8)).match(/^NRRD000\d/) !== null;

/** Reads `field: value` lines up to the blank one; comments and `key:=value` pairs are passed over. @throws AppError */
export function parseHeader(bytes: Uint8Array, name: string): NrrdHeader {
  if (bytes.length === 0) throw new AppError('image/empty', { name });
  if (!isNrrd(bytes)) throw new AppError('image/unknown-format', { name });
  const headerBytes = endOfHeader(bytes);
  const text = new TextDecoder('latin1').decode(bytes.subarray(0, headerBytes));
  const fields = new Map<string, string>();
  for (const line of text.split(/\r?\n/).slice(1)) {
    const [, field, value] = line.match(/^([^#:][^:]*):(?!=)\s*(.*)$/) ?? [];
    if (field === undefined || value === undefined) continue;
    const known = synonyms.get(field.trim().toLowerCase()) ?? field.trim().toLowerCase();
    if (fields.has(known)) {
      throw new AppError('nrrd/field', { name, field: known, value: 'given twice', allowed: 'given once' });
    }
    fields.set(known, value.trim());
  }
  return { fields, headerBytes };
}

const synonyms: ReadonlyMap<string, string> = new Map([
  ['datafile', 'data file'],
  ['lineskip', 'line skip'],
  ['byteskip', 'byte skip'],
]);

function endOfHeader(bytes: Uint8Array): number {
  const limit = Math.min(bytes.length, mostHeaderBytes);
  for (let n = 0; n < limit - 1; n++) {
    if (bytes[n] !== newline) continue;
    if (bytes[n + 1] === newline) return n + 2;
    if (bytes[n + 1] === 13 && bytes[n + 2] === newline) return n + 3;
  }
  return limit;
}

/** The file that a detached header names for its voxels, relative to the header; undefined where they are attached. */
export function detachedDataFile(bytes: Uint8Array, name: string): string | undefined {
  const dataFile = parseHeader(bytes, name).fields.get('data file');
  if (dataFile === undefined) return undefined;
  if (/^list\b/i.test(dataFile) || /%\d*d/.test(dataFile)) {
    const allowed = 'the name of one file (data spread over several are not supported)';
    throw new AppError('nrrd/field', { name, field: 'data file', value: dataFile, allowed });
  }
  return dataFile;
}
