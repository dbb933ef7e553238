/** Adobe's APP14 segment that says: no colour transform. */
const untransformed = [0xff, 0xee, 0, 14, 0x41, 0x64, 0x6f, 0x62, 0x65, 0, 100, 0, 0, 0, 0, 0];
const app0 = 0xe0;
const app14 = 0xee;
/** Length of an Adobe segment that has all its fields; decoders pass over shorter ones. */
const wholeApp14 = 14;

/**
 * A JPEG image whose DICOM header says RGB, such that decoders believe it: they take three components for YCbCr where neither a
 * JFIF nor an Adobe segment tells. An image that has one says itself what it holds.
 */
export function markedRgb(encoded: Uint8Array): Uint8Array {
  const view = new DataView(encoded.buffer, encoded.byteOffset, encoded.byteLength);
  for (let at = 2; at + 4 <= encoded.length && encoded[at] === 0xff; at += 2 + view.getUint16(at + 2)) {
    const marker = encoded[at + 1]!;
    if (marker === app0 || (marker === app14 && view.getUint16(at + 2) >= wholeApp14)) return encoded;
    if (marker >= 0xc0 && marker <= 0xc2) break; // the frame: no such segment follows
  }
  const marked = new Uint8Array(encoded.length + untransformed.length);
  marked.set(encoded.subarray(0, 2));
  marked.set(untransformed, 2);
  marked.set(encoded.subarray(2), 2 + untransformed.length);
  return marked;
}
