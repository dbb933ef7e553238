import { z } from 'zod';
import { AppError } from '../../../contract/errors/app-error.ts';
import { hostIsLittleEndian, swapBytes } from '../../imaging/scalar-types.ts';
import type { NamedArray, NamedArrays } from '../../numerics/models/named-arrays.ts';
import { fromFloat16Bits, toFloat16Bits } from './float16.ts';

export type StoredPrecision = 'float32' | 'float16';
export interface Safetensors {
  readonly arrays: NamedArrays;
  readonly metadata: Readonly<Record<string, string>>;
}

const dtypes = { float32: 'F32', float16: 'F16' } as const;
const widths = { F32: 4, F16: 2 } as const;
/** As the reference implementation. */
const mostHeaderBytes = 100_000_000;
const metadataKey = '__metadata__';

/**
 * A safetensors file (github.com/huggingface/safetensors) of F32 or F16 arrays by name order, so that equal arrays give
 * equal bytes. @throws RangeError where a finite value does not fit float16
 */
export function encodeSafetensors(
  arrays: NamedArrays,
  {
    metadata = {},
    precision = 'float32',
  }: Partial<Pick<Safetensors, 'metadata'>> & { precision?: StoredPrecision } = {},
): Uint8Array {
  const dtype = dtypes[precision];
  const entries = Object.entries(arrays).sort(([a], [b]) => (a < b ? -1 : 1));
  let end = 0;
  const fields = entries.map(([name, { shape, data }]) => {
    if (name === metadataKey || product(shape) !== data.length) throw new RangeError(`${name}: shape and data differ`);
    const start = end;
    end += data.length * widths[dtype];
    return [name, { dtype, shape, data_offsets: [start, end] }] as const;
  });
  const described = Object.keys(metadata).length > 0 ? [[metadataKey, metadata] as const, ...fields] : fields;
  const header = new TextEncoder().encode(JSON.stringify(Object.fromEntries(described)));
  const start = 8 + Math.ceil(header.length / 8) * 8;
  const bytes = new Uint8Array(start + end);
  bytes.fill(32, 8, start); // the header is padded with spaces, so that the data are aligned
  new DataView(bytes.buffer).setBigUint64(0, BigInt(start - 8), true);
  bytes.set(header, 8);
  for (const [n, [, { data }]] of entries.entries()) {
    bytes.set(toBytes(data, precision), start + fields[n]![1].data_offsets[0]!); // one field an entry
  }
  return bytes;
}

const headerSchema = z.record(
  z.string(),
  z.strictObject({
    dtype: z.string(),
    shape: z.array(z.number().int().nonnegative()).max(16),
    data_offsets: z.tuple([z.number().int().nonnegative(), z.number().int().nonnegative()]),
  }),
);
type Entry = z.infer<typeof headerSchema>[string];

/**
 * Reads F32 and F16 arrays, both as float32. The header is trusted in nothing: arrays must fill the data exactly,
 * without gap or overlap. @throws AppError `storage/corrupted` naming `file`
 */
export function decodeSafetensors(bytes: Uint8Array, file: string): Safetensors {
  const refuse = (reason: string) => new AppError('storage/corrupted', { file, reason });
  const start = dataStart(bytes, refuse);
  const { entries, metadata } = readHeader(bytes.subarray(8, start), refuse);
  let end = 0;
  for (const [name, { dtype, shape, data_offsets }] of [...entries].sort(byOffset)) {
    const width = (widths as Readonly<Record<string, number>>)[dtype];
    if (width === undefined) throw refuse(`${name} is of type ${dtype}, not F32 or F16`);
    if (data_offsets[0] !== end) throw refuse(`${name} leaves a gap or overlaps another array`);
    if (data_offsets[1] - data_offsets[0] !== product(shape) * width) throw refuse(`${name} has the wrong size`);
    end = data_offsets[1];
  }
  if (start + end !== bytes.length) throw refuse(`${start + end} bytes expected, ${bytes.length} there`);
  const arrays = entries.map(
    ([
      name,
      {
        dtype,
        shape,
        data_offsets: [from, to],
      },
    ]): [string, NamedArray] => [
      name,
      {
        shape,
        data: fromBytes(
          new Uint8Array(bytes.subarray(start + from, start + to)),
          dtype === 'F16' ? 'float16' : 'float32',
        ),
      },
    ],
  );
  return { arrays: Object.fromEntries(arrays), metadata };
}

/** Where the data begin. */
function dataStart(bytes: Uint8Array, refuse: (reason: string) => AppError): number {
  if (bytes.length < 10) throw refuse('it is cut short');
  const headerBytes = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  if (headerBytes > BigInt(Math.min(mostHeaderBytes, bytes.length - 8))) throw refuse('its header is cut short');
  return 8 + Number(headerBytes);
}

function readHeader(bytes: Uint8Array, refuse: (reason: string) => AppError) {
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw refuse('its header is no JSON');
  }
  const whole = z.record(z.string(), z.unknown()).safeParse(header);
  if (!whole.success) throw refuse('its header is no JSON object');
  const { [metadataKey]: described = {}, ...rest } = whole.data;
  const metadata = z.record(z.string(), z.string()).safeParse(described);
  const entries = headerSchema.safeParse(rest);
  if (!metadata.success || !entries.success) throw refuse('its header is malformed');
  return { entries: Object.entries(entries.data), metadata: metadata.data };
}

/** Empty arrays first among those that begin at one place. */
const byOffset = ([, a]: [string, Entry], [, b]: [string, Entry]): number =>
  a.data_offsets[0] - b.data_offsets[0] || a.data_offsets[1] - b.data_offsets[1];
const product = (shape: readonly number[]): number => shape.reduce((size, side) => size * side, 1);

function toBytes(data: Float32Array, precision: StoredPrecision): Uint8Array {
  const stored = precision === 'float16' ? Uint16Array.from(data, halfBits) : data.slice();
  const bytes = new Uint8Array(stored.buffer);
  if (!hostIsLittleEndian) swapBytes(bytes, stored.BYTES_PER_ELEMENT);
  return bytes;
}

function halfBits(value: number): number {
  const bits = toFloat16Bits(value);
  if (Number.isFinite(value) && (bits & 0x7fff) === 0x7c00) throw new RangeError(`${value} does not fit float16`);
  return bits;
}

function fromBytes(bytes: Uint8Array<ArrayBuffer>, precision: StoredPrecision): Float32Array {
  if (!hostIsLittleEndian) swapBytes(bytes, precision === 'float16' ? 2 : 4);
  return precision === 'float16'
    ? Float32Array.from(new Uint16Array(bytes.buffer), fromFloat16Bits)
    : new Float32Array(bytes.buffer);
}
