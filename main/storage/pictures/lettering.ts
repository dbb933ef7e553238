import { blend, type Colour, type Point, type Raster } from './raster.ts';

/** Capitals, digits and a few signs of 5 x 7 points: a row a number, its highest bit the left point. */
const glyphs: Readonly<Record<string, readonly number[]>> = {
  A: [14, 17, 17, 31, 17, 17, 17],
  B: [30, 17, 17, 30, 17, 17, 30],
  C: [14, 17, 16, 16, 16, 17, 14],
  D: [30, 17, 17, 17, 17, 17, 30],
  E: [31, 16, 16, 30, 16, 16, 31],
  F: [31, 16, 16, 30, 16, 16, 16],
  G: [14, 17, 16, 23, 17, 17, 15],
  H: [17, 17, 17, 31, 17, 17, 17],
  I: [14, 4, 4, 4, 4, 4, 14],
  J: [7, 2, 2, 2, 2, 18, 12],
  K: [17, 18, 20, 24, 20, 18, 17],
  L: [16, 16, 16, 16, 16, 16, 31],
  M: [17, 27, 21, 21, 17, 17, 17],
  N: [17, 25, 21, 19, 17, 17, 17],
  O: [14, 17, 17, 17, 17, 17, 14],
  P: [30, 17, 17, 30, 16, 16, 16],
  Q: [14, 17, 17, 17, 21, 18, 13],
  R: [30, 17, 17, 30, 20, 18, 17],
  S: [15, 16, 16, 14, 1, 1, 30],
  T: [31, 4, 4, 4, 4, 4, 4],
  U: [17, 17, 17, 17, 17, 17, 14],
  V: [17, 17, 17, 17, 17, 10, 4],
  W: [17, 17, 17, 21, 21, 21, 10],
  X: [17, 17, 10, 4, 10, 17, 17],
  Y: [17, 17, 10, 4, 4, 4, 4],
  Z: [31, 1, 2, 4, 8, 16, 31],
  '0': [14, 17, 19, 21, 25, 17, 14],
  '1': [4, 12, 4, 4, 4, 4, 14],
  '2': [14, 17, 1, 6, 8, 16, 31],
  '3': [31, 2, 4, 2, 1, 17, 14],
  '4': [2, 6, 10, 18, 31, 2, 2],
  '5': [31, 16, 30, 1, 1, 17, 14],
  '6': [6, 8, 16, 30, 17, 17, 14],
  '7': [31, 1, 2, 4, 8, 8, 8],
  '8': [14, 17, 17, 14, 17, 17, 14],
  '9': [14, 17, 17, 15, 1, 2, 12],
  '.': [0, 0, 0, 0, 0, 12, 12],
  ',': [0, 0, 0, 0, 12, 4, 8],
  '-': [0, 0, 0, 14, 0, 0, 0],
  '%': [24, 25, 2, 4, 8, 19, 3],
  '/': [1, 1, 2, 4, 8, 16, 16],
  '(': [2, 4, 8, 8, 8, 4, 2],
  ')': [8, 4, 2, 2, 2, 4, 8],
  ':': [0, 12, 12, 0, 12, 12, 0],
  '+': [0, 4, 4, 31, 4, 4, 0],
  _: [0, 0, 0, 0, 0, 0, 31],
};
const [columns, rows, advance] = [5, 7, 6];

/** Width of a text in pixels. */
export const textWidth = (text: string, size: number): number => Math.max(0, text.length * advance - 1) * size;
export const textHeight = (size: number): number => rows * size;

export interface TextStyle {
  readonly colour: Colour;
  /** Pixels a dot. */
  readonly size: number;
  /** A rim of one dot around the letters, for text over a picture. */
  readonly halo?: Colour;
}

/** Writes a line with its top left corner at a point; letters become capitals, what has no glyph a gap. */
export function writeText(raster: Raster, text: string, at: Point, { colour, size, halo }: TextStyle): void {
  if (halo) {
    for (const [dx, dy] of [
      [-1, 0],
      [1, 0],
      [0, -1],
      [0, 1],
    ] as const)
      writeText(raster, text, { x: at.x + dx * size, y: at.y + dy * size }, { colour: halo, size });
  }
  for (const [place, letter] of Array.from(text.toUpperCase()).entries()) {
    for (const [row, bits] of (glyphs[letter] ?? []).entries()) {
      for (let column = 0; column < columns; column++) {
        if (((bits >> (columns - 1 - column)) & 1) === 0) continue;
        for (let dot = 0; dot < size * size; dot++) {
          const x = at.x + (place * advance + column) * size + (dot % size);
          blend(raster, { x, y: at.y + row * size + Math.floor(dot / size) }, colour, 1);
        }
      }
    }
  }
}
