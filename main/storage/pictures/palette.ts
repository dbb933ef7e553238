import type { Colour } from './raster.ts';

/** Okabe and Ito's colours, which people of every colour vision tell apart, without black and in an order that suits grey images. */
export const structureColours: readonly Colour[] = [
  [230, 159, 0],
  [86, 180, 233],
  [0, 158, 115],
  [240, 228, 66],
  [213, 94, 0],
  [204, 121, 167],
];

export const structureColour = (place: number): Colour => structureColours[place % structureColours.length]!;
export const cssColour = (colour: Colour): string => `rgb(${colour.join(' ')})`;

export const ink = {
  background: [15, 17, 21],
  text: [222, 226, 232],
  quiet: [142, 150, 162],
} as const satisfies Record<string, Colour>;

/** From dark violet over red to pale yellow, rising evenly in lightness: order can be read without colour. */
const heatStops: readonly Colour[] = [
  [10, 7, 34],
  [66, 10, 104],
  [147, 38, 103],
  [221, 81, 58],
  [252, 165, 10],
  [252, 255, 164],
];

/** Colour of a share of the greatest value, 0 to 1. */
export function heatColour(share: number): Colour {
  const place = Math.min(1, Math.max(0, share)) * (heatStops.length - 1);
  const from = Math.min(Math.floor(place), heatStops.length - 2);
  const mix = (c: 0 | 1 | 2) =>
    Math.round(heatStops[from]![c] + (place - from) * (heatStops[from + 1]![c] - heatStops[from]![c]));
  return [mix(0), mix(1), mix(2)];
}
