import { PNG } from 'pngjs';

/** Red, green, blue, 0 to 255. */
export type Colour = readonly [number, number, number];

/** A picture to draw into, row by row from the top, 3 bytes a pixel. */
export interface Raster {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

export function makeRaster(width: number, height: number, background: Colour): Raster {
  const pixels = new Uint8Array(width * height * 3);
  for (let n = 0; n < pixels.length; n++) pixels[n] = background[n % 3]!;
  return { width, height, pixels };
}

/** Mixes a colour into a pixel; outside the picture nothing happens. */
export function blend({ width, height, pixels }: Raster, { x, y }: Point, colour: Colour, share: number): void {
  if (x < 0 || y < 0 || x >= width || y >= height || share <= 0) return;
  const place = 3 * (y * width + x);
  for (let c = 0; c < 3; c++)
    pixels[place + c] = Math.round(pixels[place + c]! + Math.min(1, share) * (colour[c]! - pixels[place + c]!));
}

/** An open or closed line of a width in pixels, smooth at its edges: each pixel is covered by its distance to the nearest segment. */
export function drawLine(
  raster: Raster,
  points: readonly Point[],
  { colour, width, opacity = 1 }: { readonly colour: Colour; readonly width: number; readonly opacity?: number },
): void {
  const cover = new Map<number, number>();
  for (const [n, to] of points.slice(1).entries()) coverSegment(raster, { from: points[n]!, to, width }, cover);
  for (const [place, share] of cover)
    blend(raster, { x: place % raster.width, y: Math.floor(place / raster.width) }, colour, share * opacity);
}

function coverSegment(
  raster: Raster,
  { from, to, width }: { readonly from: Point; readonly to: Point; readonly width: number },
  cover: Map<number, number>,
): void {
  const reach = width / 2 + 1;
  const low = {
    x: Math.max(0, Math.floor(Math.min(from.x, to.x) - reach)),
    y: Math.max(0, Math.floor(Math.min(from.y, to.y) - reach)),
  };
  const high = {
    x: Math.min(raster.width - 1, Math.ceil(Math.max(from.x, to.x) + reach)),
    y: Math.min(raster.height - 1, Math.ceil(Math.max(from.y, to.y) + reach)),
  };
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const square = dx * dx + dy * dy || 1;
  for (let y = low.y; y <= high.y; y++) {
    for (let x = low.x; x <= high.x; x++) {
      const along = Math.min(1, Math.max(0, ((x - from.x) * dx + (y - from.y) * dy) / square));
      const share = Math.min(1, width / 2 + 0.5 - Math.hypot(x - from.x - along * dx, y - from.y - along * dy));
      const place = y * raster.width + x;
      if (share > (cover.get(place) ?? 0)) cover.set(place, share);
    }
  }
}

/** Copies a picture into another with its top left corner at a point. */
export function paste(target: Raster, source: Raster, { x, y }: Point): void {
  for (let row = 0; row < source.height && y + row < target.height; row++) {
    const from = 3 * row * source.width;
    const columns = Math.min(source.width, target.width - x);
    target.pixels.set(source.pixels.subarray(from, from + 3 * columns), 3 * ((y + row) * target.width + x));
  }
}

export function fillBox(
  raster: Raster,
  { x, y }: Point,
  [width, height]: readonly [number, number],
  colour: Colour,
): void {
  for (let row = 0; row < height; row++)
    for (let column = 0; column < width; column++) blend(raster, { x: x + column, y: y + row }, colour, 1);
}

/** PNG of 8 bits a channel. */
export function encodePng({ width, height, pixels }: Raster): Uint8Array {
  const image = new PNG({ width, height, colorType: 2, inputColorType: 2, inputHasAlpha: false });
  image.data = Buffer.from(pixels.buffer, pixels.byteOffset, pixels.byteLength);
  return new Uint8Array(PNG.sync.write(image, { colorType: 2, inputColorType: 2, inputHasAlpha: false }));
}

/** Grey levels as a raster. */
export function greyRaster({
  width,
  height,
  pixels,
}: {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array;
}): Raster {
  return {
    width,
    height,
    pixels: Uint8Array.from({ length: 3 * pixels.length }, (_, n) => pixels[Math.floor(n / 3)]!),
  };
}
