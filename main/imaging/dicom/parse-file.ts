import dicomParser, { type DataSet } from 'dicom-parser';
import { Inflate } from 'fflate';
import { AppError } from '../../../contract/errors/app-error.ts';
import { Attributes } from './attributes.ts';
import {
  deflatedLittleEndian,
  explicitBigEndian,
  explicitLittleEndian,
  implicitLittleEndian,
} from './transfer-syntaxes.ts';

/** A parsed file: its attributes, and the bytes that element offsets point into (inflated where the file is deflated). */
export interface ParsedFile {
  readonly attributes: Attributes;
  readonly bytes: Uint8Array;
  readonly transferSyntaxUid: string;
}

const prefixAt = 128;
const pixelData = 'x7fe00010';
/** A deflated data set may grow by this, and no further: more is an attack or damage. */
const mostInflatedBytes = 2 ** 31;
/** Inflated at a time. */
const inflateBytes = 2 ** 14;
/** So much of it is inflated for its header alone, in a process that untrusted files must not fill. */
const mostHeaderBytes = 2 ** 25;

/** Whether the bytes may be DICOM: the prefix of a file, or the first group of a bare data set. */
export function looksLikeDicom(bytes: Uint8Array): boolean {
  return hasPrefix(bytes) || bareSyntax(bytes) !== undefined;
}

/**
 * Parses a file, or its head up to the pixels. Files without preamble are read as bare data sets.
 * @throws AppError `dicom/not-dicom`, `dicom/damaged`
 */
export function parseFile(bytes: Uint8Array, name: string, upTo: 'pixels' | 'end' = 'end'): ParsedFile {
  const stop = upTo === 'pixels' ? { untilTag: pixelData } : {};
  const parsed = (dataSet: DataSet, syntax: string): ParsedFile => ({
    attributes: new Attributes(dataSet),
    bytes: dataSet.byteArray,
    transferSyntaxUid: syntax,
  });
  const bare = (dataSetBytes: Uint8Array, syntax: string) =>
    parse(dataSetBytes, name, { ...stop, TransferSyntaxUID: syntax });
  if (!hasPrefix(bytes)) {
    const syntax = bareSyntax(bytes);
    if (syntax === undefined) throw new AppError('dicom/not-dicom', { name });
    return parsed(bare(bytes, syntax), syntax);
  }
  const { claimed, end } = metaOf(bytes);
  const rest = bytes.subarray(end);
  const actual = bareSyntax(rest);
  // some writers claim a syntax, or none, and write another one
  const mistaken =
    actual !== undefined &&
    (claimed === undefined || (claimed !== implicitLittleEndian && actual === implicitLittleEndian));
  if (mistaken && claimed !== deflatedLittleEndian) return parsed(bare(rest, actual), claimed ?? actual);
  const most = upTo === 'pixels' ? mostHeaderBytes : mostInflatedBytes;
  const dataSet = parse(bytes, name, { ...stop, inflater: (file, position) => inflate(file, position, most) });
  return parsed(dataSet, claimed ?? implicitLittleEndian);
}

/** Whether a file is the directory of a medium (DICOMDIR): it lists the files beside it, which are found without it. */
export const isMediaDirectory = (bytes: Uint8Array): boolean =>
  hasPrefix(bytes) && metaOf(bytes).storageClass === '1.2.840.10008.1.3.10';

/** The transfer syntax and the SOP class that the meta header claims, and where the data set begins. */
function metaOf(bytes: Uint8Array): {
  readonly claimed: string | undefined;
  readonly storageClass: string | undefined;
  readonly end: number;
} {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = prefixAt + 4;
  const texts = new Map<number, string>();
  while (at + 8 <= bytes.length && view.getUint16(at, true) === 2) {
    const long = /^(OB|OW|OF|SQ|UT|UN)$/.test(String.fromCharCode(bytes[at + 4]!, bytes[at + 5]!));
    if (long && at + 12 > bytes.length) break;
    const length = long ? view.getUint32(at + 8, true) : view.getUint16(at + 6, true);
    const value = at + (long ? 12 : 8);
    const text = String.fromCharCode(...bytes.subarray(value, Math.min(value + length, value + 64)));
    texts.set(view.getUint16(at + 2, true), text.replace(/[\0 ]+$/, ''));
    at = value + length;
  }
  return { claimed: texts.get(0x10), storageClass: texts.get(0x02), end: Math.min(at, bytes.length) };
}

function parse(bytes: Uint8Array, name: string, options: dicomParser.ParseDicomOptions): DataSet {
  try {
    return dicomParser.parseDicom(bytes, options);
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    throw new AppError('dicom/damaged', { name, reason: reasonOf(cause) }, { cause });
  }
}

/** dicom-parser throws texts and objects as well as errors. */
function reasonOf(cause: unknown): string {
  const inner = typeof cause === 'object' && cause !== null && 'exception' in cause ? cause.exception : cause;
  const text = inner instanceof Error ? inner.message : String(inner);
  return text.replace(/^dicomParser\.\w+:\s*/, '').slice(0, 120);
}

const hasPrefix = (bytes: Uint8Array): boolean =>
  bytes.length > prefixAt + 4 && [0x44, 0x49, 0x43, 0x4d].every((byte, n) => bytes[prefixAt + n] === byte);

/** The syntax of a data set without preamble and meta header, known by a plausible first element; undefined for anything else. */
function bareSyntax(bytes: Uint8Array): string | undefined {
  if (bytes.length < 16) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const explicit = /^(UL|CS|UI|DA|TM|SH|LO|PN|DT|SQ)$/.test(String.fromCharCode(bytes[4]!, bytes[5]!));
  if (explicit && view.getUint16(0) === 8) return explicitBigEndian;
  if (view.getUint16(0, true) !== 8 || view.getUint16(2, true) > 0x1200) return undefined;
  if (explicit) return explicitLittleEndian;
  return view.getUint32(4, true) <= 256 ? implicitLittleEndian : undefined;
}

/** The file with its data set inflated, as dicom-parser asks for it; the start of it where that is all that is wanted. @throws RangeError where it grows beyond all bounds */
function inflate(file: Uint8Array, position: number, most: number): Uint8Array {
  const parts: Uint8Array[] = [file.subarray(0, position)];
  let length = position;
  const stream = new Inflate((part) => {
    length += part.length;
    parts.push(part);
  });
  for (let at = position; at < file.length && length < most; at += inflateBytes)
    stream.push(file.subarray(at, at + inflateBytes), at + inflateBytes >= file.length);
  if (length > mostInflatedBytes) throw new RangeError('the deflated data set is larger than 2 GiB');
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
