import { spacingMm } from '../../imaging/geometry/grids.ts';
import type { Volume } from '../../imaging/volume.ts';
import { encodePng, makeRaster } from './raster.ts';
import { takeSlice, throughAxis, valueBetween } from './slices.ts';

const black = [0, 0, 0] as const;

/**
 * The middle axial slice of the first component as a square PNG, patient's right on the left, pixels of true shape. Of pictures in colour
 * the middle one, as it was stored.
 */
export function thumbnailPng(volume: Volume, side = 144): Uint8Array {
  return volume.pictures ? ofPictures(volume, side) : ofSlice(volume, side);
}

function ofSlice(volume: Volume, side: number): Uint8Array {
  const slice = takeSlice(volume, 'axial', Math.floor(volume.size[throughAxis(volume, 'axial')] / 2));
  const [low, high] = greyWindow(slice.values);
  const [wide, tall] = [slice.columns * slice.columnMm, slice.rows * slice.rowMm];
  const pixelMm = Math.max(wide, tall) / side;
  const raster = makeRaster(side, side, black);
  for (let y = 0; y < side; y++)
    for (let x = 0; x < side; x++) {
      const [acrossMm, downMm] = [(x + 0.5 - side / 2) * pixelMm, (y + 0.5 - side / 2) * pixelMm];
      if (Math.abs(acrossMm) > wide / 2 || Math.abs(downMm) > tall / 2) continue;
      const column = (acrossMm + wide / 2) / slice.columnMm - 0.5;
      const row = (downMm + tall / 2) / slice.rowMm - 0.5;
      const grey = (255 * (valueBetween(slice, column, row) - low)) / (high - low || 1);
      raster.pixels.fill(Math.min(255, Math.max(0, Math.round(grey))), 3 * (y * side + x), 3 * (y * side + x) + 3);
    }
  return encodePng(raster);
}

function ofPictures(volume: Volume, side: number): Uint8Array {
  const [width, height, count] = volume.size;
  const [columnMm, rowMm] = spacingMm(volume);
  const pixelMm = Math.max(width * columnMm, height * rowMm) / side;
  const raster = makeRaster(side, side, black);
  const plane = width * height;
  const picture = Math.floor(count / 2);
  for (let y = 0; y < side; y++)
    for (let x = 0; x < side; x++) {
      const column = Math.floor(((x + 0.5 - side / 2) * pixelMm) / columnMm + width / 2);
      const row = Math.floor(((y + 0.5 - side / 2) * pixelMm) / rowMm + height / 2);
      if (column < 0 || row < 0 || column >= width || row >= height) continue;
      for (let c = 0; c < 3; c++)
        raster.pixels[3 * (y * side + x) + c] = volume.voxels[(c * count + picture) * plane + row * width + column]!;
    }
  return encodePng(raster);
}

/** 1st to 99.5th percentile. */
function greyWindow(values: Float32Array): readonly [number, number] {
  const sorted = values.slice().sort();
  return [sorted[Math.floor(0.01 * (sorted.length - 1))]!, sorted[Math.floor(0.995 * (sorted.length - 1))]!];
}
