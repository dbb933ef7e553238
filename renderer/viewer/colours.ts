import type { Types } from '@cornerstonejs/core';

/** Okabe and Ito's palette: told apart by all kinds of colour vision. */
export const structureColours: readonly (readonly [number, number, number])[] = [
  [230, 159, 0],
  [86, 180, 233],
  [0, 158, 115],
  [240, 228, 66],
  [0, 114, 178],
  [213, 94, 0],
  [204, 121, 167],
];
export const colourOf = (label: number): readonly [number, number, number] =>
  structureColours[(label - 1) % structureColours.length]!;
/** As style sheets write it. */
export const cssColourOf = (label: number): string => `rgb(${colourOf(label).join(' ')})`;
/** Of posterior contours, from the lowest level to the highest. */
export const contourColours = [
  [255, 255, 255, 255],
  [255, 210, 77, 255],
  [255, 110, 64, 255],
] as const;

/** One colour for each label. */
export const labelLut = (): Types.ColorLUT => [
  [0, 0, 0, 0],
  ...Array.from({ length: 255 }, (_, n) => [...colourOf(n + 1), 255] as Types.Color),
];
