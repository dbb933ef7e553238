import { contours } from 'd3-contour';
import type { Volume } from '../../imaging/volume.ts';
import { textHeight, textWidth, writeText } from './lettering.ts';
import { heatColour, ink, structureColour } from './palette.ts';
import { blend, type Colour, drawLine, makeRaster, type Point, type Raster } from './raster.ts';
import { type Plane, type Slice, takeSlice, valueBetween } from './slices.ts';

/** Volumes of one scan, all on its grid. */
export interface ScanPicture {
  readonly image: Volume;
  /** Grey window: values shown black and white. */
  readonly window: readonly [number, number];
  /** Posterior probability of each structure, in palette order. */
  readonly structures: readonly Volume<Float32Array>[];
}

/** What lies over the image of one panel. */
export type Overlay =
  | { readonly kind: 'contours' }
  /** `greatest` is the value of the brightest colour; opacity grows with the value. */
  | { readonly kind: 'map'; readonly map: Volume<Float32Array>; readonly greatest: number }
  | { readonly kind: 'truth'; readonly truth: readonly Volume<Float32Array>[] }
  | { readonly kind: 'none' };

export interface PanelView {
  readonly plane: Plane;
  /** Voxels along the axis through the plane. */
  readonly index: number;
  readonly overlay: Overlay;
  readonly pixelsPerMm: number;
}

/** Posterior levels that are drawn: the middle one is told from the outer two by its width, since dashes would be lost in small pictures. */
const levels = [
  { level: 0.1, width: 1.2, opacity: 0.65 },
  { level: 0.5, width: 2.4, opacity: 1 },
  { level: 0.9, width: 1.2, opacity: 0.65 },
] as const;

/** One slice with its overlay and orientation letters, voxel sizes respected. */
export function renderPanel(
  { image, window, structures }: ScanPicture,
  { plane, index, overlay, pixelsPerMm }: PanelView,
): Raster {
  const slice = takeSlice(image, plane, index);
  const raster = makeRaster(
    Math.round(slice.columns * slice.columnMm * pixelsPerMm),
    Math.round(slice.rows * slice.rowMm * pixelsPerMm),
    ink.background,
  );
  drawGrey(raster, slice, window);
  switch (overlay.kind) {
    case 'contours':
      for (const [place, structure] of structures.entries())
        drawLevels(raster, takeSlice(structure, plane, index), structureColour(place));
      break;
    case 'truth':
      for (const [place, structure] of overlay.truth.entries()) {
        drawContour(raster, takeSlice(structure, plane, index), {
          colour: structureColour(place),
          level: 0.5,
          width: 2.4,
          opacity: 1,
        });
      }
      break;
    case 'map':
      drawMap(raster, takeSlice(overlay.map, plane, index), overlay.greatest);
      break;
    case 'none':
      break;
    default:
      throw overlay satisfies never;
  }
  drawLetters(raster, slice);
  return raster;
}

/** Slice coordinates (pixel centres at whole numbers) of a point of the picture. */
const toSlice = (raster: Raster, { columns, rows }: Slice, { x, y }: Point): readonly [number, number] => [
  ((x + 0.5) / raster.width) * columns - 0.5,
  ((y + 0.5) / raster.height) * rows - 0.5,
];

function drawGrey(raster: Raster, slice: Slice, [black, white]: readonly [number, number]): void {
  eachPixel(raster, (point) => {
    const value = valueBetween(slice, ...toSlice(raster, slice, point));
    const grey = 255 * Math.min(1, Math.max(0, (value - black) / (white - black || 1)));
    blend(raster, point, [grey, grey, grey], 1);
  });
}

function drawMap(raster: Raster, slice: Slice, greatest: number): void {
  eachPixel(raster, (point) => {
    const share = valueBetween(slice, ...toSlice(raster, slice, point)) / (greatest || 1);
    blend(raster, point, heatColour(share), Math.min(0.9, 1.6 * share));
  });
}

function eachPixel({ width, height }: Raster, work: (point: Point) => void): void {
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) work({ x, y });
}

function drawLevels(raster: Raster, slice: Slice, colour: Colour): void {
  for (const one of levels) drawContour(raster, slice, { colour, ...one });
}

function drawContour(
  raster: Raster,
  slice: Slice,
  {
    level,
    ...line
  }: { readonly level: number; readonly colour: Colour; readonly width: number; readonly opacity: number },
): void {
  const [shape] = contours().size([slice.columns, slice.rows]).thresholds([level])(Array.from(slice.values));
  // d3-contour puts a pixel's centre at half numbers
  const place = ([x, y]: readonly number[]): Point => ({
    x: (x! / slice.columns) * raster.width - 0.5,
    y: (y! / slice.rows) * raster.height - 0.5,
  });
  for (const polygon of shape!.coordinates) for (const ring of polygon) drawLine(raster, ring.map(place), line);
}

function drawLetters(raster: Raster, { letters: [left, right, top, bottom] }: Slice): void {
  const size = 2;
  const style = { colour: ink.text, size, halo: ink.background };
  const [middle, centre] = [
    Math.round((raster.height - textHeight(size)) / 2),
    Math.round((raster.width - textWidth('A', size)) / 2),
  ];
  writeText(raster, left, { x: 4, y: middle }, style);
  writeText(raster, right, { x: raster.width - textWidth(right, size) - 4, y: middle }, style);
  writeText(raster, top, { x: centre, y: 4 }, style);
  writeText(raster, bottom, { x: centre, y: raster.height - textHeight(size) - 4 }, style);
}
