const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

/** CRC-32 of RFC 1952 over `bytes`, going on from `before` (0 at the start). */
export function crc32(bytes: Uint8Array, before: number): number {
  let crc = ~before;
  for (let n = 0; n < bytes.length; n++) crc = table[(crc ^ bytes[n]!) & 255]! ^ (crc >>> 8);
  return ~crc >>> 0;
}
