import type { ScanEntry } from '../../contract/app/scan-entry.ts';
import { readVoxels, type Voxels } from '../connection.ts';
import { drawPicture, pixelAspect } from '../pictures/draw-picture.ts';

const known = new Map<string, Promise<string>>();
const side = 72;

/** The middle axial slice of a scan as a small picture, patient's right on the left, or the middle one of pictures in colour; made once. */
export function thumbnailOf({ id, pictures }: Pick<ScanEntry, 'id' | 'pictures'>): Promise<string> {
  const made = known.get(id) ?? draw(id, pictures !== null);
  known.set(id, made);
  return made;
}

async function draw(scan: string, isColour: boolean): Promise<string> {
  const image = await readVoxels(`${scan}/image`);
  if (isColour) {
    const middle = Math.floor(image.header.size[2] / 2);
    return reduced(drawPicture(image, middle), pixelAspect(image));
  }
  return reduced(greySlice(image));
}

/** The middle axial slice. */
function greySlice({ header, voxels }: Voxels): HTMLCanvasElement {
  const rows = header.affineRasMm;
  const along = (world: number) =>
    [0, 1, 2].reduce((best, axis) => (Math.abs(rows[world]![axis]!) > Math.abs(rows[world]![best]!) ? axis : best), 0);
  const [x, y, z] = [along(0), along(1), along(2)];
  const stride = [1, header.size[0], header.size[0] * header.size[1]] as const;
  const [width, height] = [header.size[x as 0]!, header.size[y as 0]!];
  const start = Math.floor(header.size[z as 0]! / 2) * stride[z as 0];
  const isToRight = rows[0]![x]! > 0;
  const isToFront = rows[1]![y]! > 0;
  const slice = Float32Array.from({ length: width * height }, (_, n) => {
    const [column, row] = [n % width, Math.floor(n / width)];
    const i = isToRight ? width - 1 - column : column; // radiological: the patient's right is on the left
    const j = isToFront ? height - 1 - row : row;
    return voxels[start + i * stride[x as 0] + j * stride[y as 0]]!;
  });
  const sorted = slice.slice().sort();
  const [low, high] = [sorted[Math.floor(0.01 * sorted.length)]!, sorted[Math.floor(0.995 * (sorted.length - 1))]!];
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [width, height];
  const context = canvas.getContext('2d')!;
  const picture = context.createImageData(width, height);
  for (const [n, value] of slice.entries()) {
    picture.data.fill(Math.round((255 * (value - low)) / Math.max(1e-9, high - low)), 4 * n, 4 * n + 3);
    picture.data[4 * n + 3] = 255;
  }
  context.putImageData(picture, 0, 0);
  return canvas;
}

/** @param aspect height of a pixel over its width */
function reduced(canvas: HTMLCanvasElement, aspect = 1): string {
  const [width, height] = [canvas.width, canvas.height * aspect];
  const small = document.createElement('canvas');
  [small.width, small.height] = [side, side];
  const scale = Math.min(side / width, side / height);
  small
    .getContext('2d')!
    .drawImage(canvas, (side - width * scale) / 2, (side - height * scale) / 2, width * scale, height * scale);
  return small.toDataURL();
}
