import { AppError } from '../../../contract/errors/app-error.ts';
import type { Voxels } from '../volume.ts';
import type { Palette } from './palette.ts';
import type { PixelFormat } from './pixel-format.ts';
import type { PixelCoding } from './transfer-syntaxes.ts';

/** Codecs that turn YCbCr into RGB by themselves; those of JPEG 2000 do where the header says YBR_RCT or YBR_ICT. */
const turnsColours: readonly PixelCoding[] = ['jpeg'];

/**
 * Stored values of a colour frame, colours side by side -> red, green and blue planes of 0 to 255, row by row.
 * @throws AppError `dicom/pixel-header` for a colour model of another kind
 */
export function toRgb(
  values: Voxels,
  {
    coding,
    format,
    palette,
    name,
  }: {
    readonly coding: PixelCoding;
    readonly format: PixelFormat;
    readonly palette: Palette | undefined;
    readonly name: string;
  },
): Uint8Array {
  if (palette) return coloured(values, palette);
  const planes = eightBits(values, format);
  switch (format.photometric) {
    case 'RGB':
    case 'YBR_RCT':
    case 'YBR_ICT':
      return planes;
    case 'YBR_FULL':
    case 'YBR_FULL_422':
      return turnsColours.includes(coding) ? planes : fromYcbcr(planes);
    default:
      throw new AppError('dicom/pixel-header', {
        name,
        attribute: 'PhotometricInterpretation',
        value: format.photometric,
      });
  }
}

function coloured(values: Voxels, { first, colours }: Palette): Uint8Array {
  const planes = new Uint8Array(3 * values.length);
  for (const [c, table] of colours.entries())
    for (let p = 0; p < values.length; p++)
      planes[c * values.length + p] = table[Math.min(Math.max(values[p]! - first, 0), table.length - 1)]!;
  return planes;
}

/** Colours side by side -> planes of their eight highest bits. */
function eightBits(values: Voxels, { bitsStored }: PixelFormat): Uint8Array {
  const pixels = values.length / 3;
  const planes = new Uint8Array(values.length);
  const shift = Math.max(0, bitsStored - 8);
  for (let c = 0; c < 3; c++) for (let p = 0; p < pixels; p++) planes[c * pixels + p] = values[3 * p + c]! >>> shift;
  return planes;
}

/** Full-range YCbCr to RGB (PS3.3 C.7.6.3.1.2, ITU-T T.871), in place. */
function fromYcbcr(planes: Uint8Array): Uint8Array {
  const pixels = planes.length / 3;
  const clamped = (value: number) => Math.min(255, Math.max(0, Math.round(value)));
  for (let p = 0; p < pixels; p++) {
    const [y, cb, cr] = [planes[p]!, planes[pixels + p]! - 128, planes[2 * pixels + p]! - 128];
    planes[p] = clamped(y + 1.402 * cr);
    planes[pixels + p] = clamped(y - 0.344136 * cb - 0.714136 * cr);
    planes[2 * pixels + p] = clamped(y + 1.772 * cb);
  }
  return planes;
}
