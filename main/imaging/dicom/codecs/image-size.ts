/** What a compressed image's own header claims. */
export interface ClaimedSize {
  readonly width: number;
  readonly height: number;
  readonly components: number;
  readonly bitsPerSample: number;
}

/**
 * Size of a JPEG or JPEG-LS image out of its frame header (SOF), or of a JPEG 2000 image out of its SIZ segment; undefined where
 * there is none. Decoders trust these numbers: a damaged one costs them gigabytes, or minutes.
 */
export function claimedSize(encoded: Uint8Array): ClaimedSize | undefined {
  const view = new DataView(encoded.buffer, encoded.byteOffset, encoded.byteLength);
  if (encoded.length < 4) return undefined;
  return view.getUint16(0) === 0xff4f ? sizOf(view) : frameHeaderOf(view);
}

const notFrameHeaders = [0xc4, 0xc8, 0xcc];
const jpegLsFrame = 0xf7;

function frameHeaderOf(view: DataView): ClaimedSize | undefined {
  let at = 2;
  while (at + 10 <= view.byteLength && view.getUint8(at) === 0xff) {
    const marker = view.getUint8(at + 1);
    if (marker === 0xff) {
      at++; // a fill byte
      continue;
    }
    const isFrame = (marker >= 0xc0 && marker <= 0xcf && !notFrameHeaders.includes(marker)) || marker === jpegLsFrame;
    if (isFrame)
      return {
        bitsPerSample: view.getUint8(at + 4),
        height: view.getUint16(at + 5),
        width: view.getUint16(at + 7),
        components: view.getUint8(at + 9),
      };
    at += 2 + view.getUint16(at + 2);
  }
  return undefined;
}

function sizOf(view: DataView): ClaimedSize | undefined {
  if (view.byteLength < 43 || view.getUint16(2) !== 0xff51) return undefined;
  const [right, bottom, left, top] = [8, 12, 16, 20].map((at) => view.getUint32(at));
  return {
    width: right! - left!,
    height: bottom! - top!,
    components: view.getUint16(40),
    bitsPerSample: (view.getUint8(42) & 0x7f) + 1,
  };
}
