import type { Voxels } from '../connection.ts';

/** Picture `k` of a stack in colour as a canvas of its own size, drawn as it was stored: first row at the top. */
export function drawPicture({ header: { size }, voxels }: Voxels, k: number): HTMLCanvasElement {
  const [width, height, count] = size;
  const pixels = width * height;
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [width, height];
  const context = canvas.getContext('2d')!; // the first context that is asked for
  const picture = context.createImageData(width, height);
  for (let p = 0; p < pixels; p++) {
    for (let c = 0; c < 3; c++) picture.data[4 * p + c] = voxels[(c * count + k) * pixels + p]!;
    picture.data[4 * p + 3] = 255;
  }
  context.putImageData(picture, 0, 0);
  return canvas;
}

/** Height of a pixel over its width. */
export function pixelAspect({ header: { affineRasMm } }: Voxels): number {
  const length = (axis: number) => Math.hypot(...affineRasMm.map((row) => row[axis]!));
  return length(1) / length(0);
}
