import { z } from 'zod';

/** Voxels as they travel over `/volume/` and `volume://`: a little-endian header length, a JSON header, then the values, 8-byte aligned. */
export const voxelHeaderSchema = z.object({
  size: z.tuple([z.number(), z.number(), z.number()]),
  /** Rows of the voxel-to-world matrix, RAS+ mm. */
  affineRasMm: z.array(z.array(z.number())),
  components: z.number(),
  type: z.enum(['uint8', 'int8', 'uint16', 'int16', 'uint32', 'int32', 'float32', 'float64']),
});
export type VoxelHeader = z.infer<typeof voxelHeaderSchema>;

const arrays = {
  uint8: Uint8Array,
  int8: Int8Array,
  uint16: Uint16Array,
  int16: Int16Array,
  uint32: Uint32Array,
  int32: Int32Array,
  float32: Float32Array,
  float64: Float64Array,
} as const;
export type VoxelArray =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | Float32Array
  | Float64Array;

const alignment = 8;
const startOf = (headerBytes: number): number => Math.ceil((4 + headerBytes) / alignment) * alignment;

/** What comes before the values: length and text of the header, filled up to their alignment. */
export function voxelMessageHead(header: VoxelHeader): Uint8Array<ArrayBuffer> {
  const text = new TextEncoder().encode(JSON.stringify(header));
  const head = new Uint8Array(startOf(text.length));
  new DataView(head.buffer).setUint32(0, text.length, true);
  head.set(text, 4);
  return head;
}

export function encodeVoxels(header: VoxelHeader, voxels: VoxelArray): Uint8Array<ArrayBuffer> {
  const head = voxelMessageHead(header);
  const message = new Uint8Array(head.length + voxels.byteLength);
  message.set(head);
  message.set(new Uint8Array(voxels.buffer, voxels.byteOffset, voxels.byteLength), head.length);
  return message;
}

/** @throws RangeError where the message is no such thing or its length does not fit its header */
export function decodeVoxels(message: ArrayBuffer): { readonly header: VoxelHeader; readonly voxels: VoxelArray } {
  if (message.byteLength < 4) throw new RangeError('voxel message: too short');
  const headerBytes = new DataView(message).getUint32(0, true);
  const start = startOf(headerBytes);
  if (start > message.byteLength) throw new RangeError('voxel message: header too long');
  const text = new TextDecoder().decode(new Uint8Array(message, 4, headerBytes));
  const header = voxelHeaderSchema.parse(JSON.parse(text));
  const count = header.size[0] * header.size[1] * header.size[2] * header.components;
  const array = arrays[header.type];
  if (message.byteLength - start !== count * array.BYTES_PER_ELEMENT)
    throw new RangeError(`voxel message: ${message.byteLength - start} bytes for ${count} voxels of ${header.type}`);
  return { header, voxels: new array(message, start, count) };
}

/** Header of a request that saves labels: the hash of those that they were drawn on, '' for none. */
export const knownLabels = 'x-known-labels';
