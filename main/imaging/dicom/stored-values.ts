import type { Voxels } from '../volume.ts';
import type { PixelFormat } from './pixel-format.ts';

/**
 * Pixel values out of samples: the bits from HighBit down, sign-extended; what lies above or below them (overlays of old scanners)
 * is dropped. The samples come back as they are where they hold nothing else.
 */
export function storedValues(
  samples: Voxels,
  { bitsAllocated, bitsStored, highBit, signed, real }: PixelFormat,
): Voxels {
  if (real || bitsStored === bitsAllocated || bitsAllocated === 1 || bitsAllocated > 32) return samples;
  const shiftUp = 31 - highBit;
  const shiftDown = 32 - bitsStored;
  if (!signed) return samples.map((value) => (value << shiftUp) >>> shiftDown);
  const wide =
    bitsAllocated === 8
      ? new Int8Array(samples.length)
      : bitsAllocated === 16
        ? new Int16Array(samples.length)
        : new Int32Array(samples.length);
  for (let n = 0; n < wide.length; n++) wide[n] = (samples[n]! << shiftUp) >> shiftDown;
  return wide;
}
