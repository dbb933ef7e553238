import { contours } from 'd3-contour';
import type { LearningSlice } from '../../../contract/progress.ts';
import { blend, type Colour, drawLine, encodePng, makeRaster, type Point, type Raster } from './raster.ts';

/** Largest side in pixels; small slices are enlarged by whole numbers. */
const sidePixels = 240;
const colours = { truth: [86, 180, 233], learned: [255, 210, 77] } as const satisfies Record<string, Colour>;

/** PNG of a held-out slice: blue the border of the labels, yellow where half of the network's probability lies. */
export function learningPng({ columns, rows, grey, truth, foreground }: LearningSlice): Uint8Array {
  const scale = Math.max(1, Math.floor(sidePixels / Math.max(columns, rows)));
  const raster = makeRaster(columns * scale, rows * scale, [0, 0, 0]);
  for (let y = 0; y < raster.height; y++)
    for (let x = 0; x < raster.width; x++) {
      const value = grey[Math.floor(y / scale) * columns + Math.floor(x / scale)]!;
      blend(raster, { x, y }, [value, value, value], 1);
    }
  drawBorder(raster, { columns, rows, values: truth, colour: colours.truth, scale });
  drawBorder(raster, { columns, rows, values: foreground, colour: colours.learned, scale });
  return encodePng(raster);
}

interface Border {
  readonly columns: number;
  readonly rows: number;
  readonly values: Uint8Array;
  readonly colour: Colour;
  readonly scale: number;
}

function drawBorder(raster: Raster, { columns, rows, values, colour, scale }: Border): void {
  const [shape] = contours().size([columns, rows]).thresholds([127.5])(Array.from(values));
  const place = ([x, y]: readonly number[]): Point => ({ x: x! * scale - 0.5, y: y! * scale - 0.5 });
  for (const polygon of shape!.coordinates)
    for (const ring of polygon) drawLine(raster, ring.map(place), { colour, width: 1.8 });
}
