import { Gunzip } from 'fflate';
import { AppError } from '../../contract/errors/app-error.ts';
import { crc32 } from './gzip-checksum.ts';

/** Where the voxels lie in the (decompressed) bytes. */
export interface Span {
  readonly offset: number;
  readonly byteLength: number;
}

export interface SpanRequest {
  readonly name: string;
  /** How many bytes `locate` wants to see; it gets fewer where there are fewer. */
  readonly headBytes: number;
  readonly locate: (head: Uint8Array) => Span;
}

/** DEFLATE can expand at most about 1032 times, so a file cannot hold more than this. */
const mostExpansion = 1032;
/** Header, an empty block, checksum and length. */
const leastGzipBytes = 20;
const chunkBytes = 1 << 16;

export const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b;

/**
 * Reads the span that `locate` finds in plain or gzip bytes (known by their magic unless stated) into a buffer of its own.
 * Gzip is inflated straight into that buffer, its checksum verified; nothing is allocated that the file cannot fill.
 * @throws AppError image/truncated, image/damaged, image/too-large, image/empty
 */
export function readSpan(
  bytes: Uint8Array,
  request: SpanRequest,
  encoding: 'gzip' | 'raw' = isGzip(bytes) ? 'gzip' : 'raw',
): Uint8Array<ArrayBuffer> {
  if (bytes.length === 0) throw new AppError('image/empty', { name: request.name });
  return encoding === 'gzip' ? inflateSpan(bytes, request) : copySpan(bytes, request);
}

function copySpan(bytes: Uint8Array, { name, headBytes, locate }: SpanRequest): Uint8Array<ArrayBuffer> {
  const { offset, byteLength } = locate(bytes.subarray(0, headBytes));
  const data = allocate(byteLength, { name, needed: offset + byteLength, there: bytes.length });
  data.set(bytes.subarray(offset, offset + byteLength));
  return data;
}

function inflateSpan(bytes: Uint8Array, request: SpanRequest): Uint8Array<ArrayBuffer> {
  const { name, headBytes, locate } = request;
  const head = new Uint8Array(headBytes);
  let target: { readonly data: Uint8Array<ArrayBuffer>; readonly offset: number } | undefined;
  let received = 0;
  const open = () => {
    const { offset, byteLength } = locate(head.subarray(0, received));
    const limit = { name, needed: offset + byteLength, there: bytes.length * mostExpansion };
    const opened = { data: allocate(byteLength, limit), offset };
    target = opened;
    return opened;
  };
  const complete = inflate(bytes, name, (chunk) => {
    const start = received;
    if (start < headBytes) head.set(chunk.subarray(0, headBytes - start), start);
    received += chunk.length;
    if (target === undefined && received >= headBytes) store(head.subarray(0, start), 0, open());
    if (target !== undefined) store(chunk, start, target);
  });
  if (!complete && target === undefined) throw endMissing(name);
  const { data, offset } = target ?? open();
  if (received <= headBytes) store(head.subarray(0, received), 0, { data, offset });
  if (received < offset + data.length) {
    throw new AppError('image/truncated', { name, expectedBytes: offset + data.length, actualBytes: received });
  }
  if (!complete) throw endMissing(name);
  return data;
}

const endMissing = (name: string): AppError => new AppError('image/damaged', { name, reason: 'the end is missing' });

/** Copies the part of `chunk`, which begins at `start` of the stream, that falls into the target. */
function store(chunk: Uint8Array, start: number, target: { readonly data: Uint8Array; readonly offset: number }): void {
  const from = Math.max(0, target.offset - start);
  const to = Math.min(chunk.length, target.offset + target.data.length - start);
  if (to > from) target.data.set(chunk.subarray(from, to), start + from - target.offset);
}

/** False where the stream ends too early. */
function inflate(bytes: Uint8Array, name: string, take: (chunk: Uint8Array) => void): boolean {
  if (bytes.length < leastGzipBytes) return false;
  let crc = 0;
  let members = 1;
  let inOurCode: unknown;
  const stream = new Gunzip((chunk) => {
    crc = crc32(chunk, crc);
    try {
      take(chunk);
    } catch (error) {
      inOurCode = error;
      throw error;
    }
  });
  stream.onmember = () => {
    members++;
  };
  try {
    for (let at = 0; at < bytes.length; at += chunkBytes) {
      stream.push(bytes.subarray(at, at + chunkBytes), at + chunkBytes >= bytes.length);
    }
  } catch (error) {
    if (inOurCode !== undefined) throw inOurCode;
    const reason = error instanceof Error ? error.message : 'not gzip';
    if (reason === 'unexpected EOF') return false;
    throw new AppError('image/damaged', { name, reason });
  }
  const trailer = new DataView(bytes.buffer, bytes.byteOffset + bytes.length - 8);
  if (members === 1 && trailer.getUint32(0, true) !== crc) {
    throw new AppError('image/damaged', { name, reason: 'the checksum differs' });
  }
  return true;
}

function allocate(
  byteLength: number,
  limit: { readonly name: string; readonly needed: number; readonly there: number },
): Uint8Array<ArrayBuffer> {
  const { name, needed, there } = limit;
  if (needed > there) throw new AppError('image/truncated', { name, expectedBytes: needed, actualBytes: there });
  try {
    return new Uint8Array(byteLength);
  } catch (cause) {
    throw new AppError('image/too-large', { name, bytes: byteLength }, { cause });
  }
}
