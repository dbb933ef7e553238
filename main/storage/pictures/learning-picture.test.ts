import { PNG } from 'pngjs';
import { expect, it } from 'vitest';
import { learningPng } from './learning-picture.ts';

it('draws the labels blue and what is learned yellow, each on its own border', () => {
  const [columns, rows] = [12, 8];
  const inside = (n: number, from: number, to: number) =>
    n % columns >= from && n % columns < to && n >= 2 * columns && n < 6 * columns;
  const box = (from: number, to: number) =>
    Uint8Array.from({ length: columns * rows }, (_, n) => (inside(n, from, to) ? 255 : 0));
  const png = learningPng({
    columns,
    rows,
    grey: new Uint8Array(columns * rows).fill(60),
    truth: box(1, 5),
    foreground: box(7, 11),
  });
  const { width, height, data } = PNG.sync.read(Buffer.from(png));
  expect([width, height]).toEqual([240, 160]);
  const count = (x: number, isColour: (red: number, blue: number) => boolean) => {
    let found = 0;
    for (let y = 0; y < height; y++) if (isColour(data[4 * (y * width + x)]!, data[4 * (y * width + x) + 2]!)) found++;
    return found;
  };
  const isBlue = (red: number, blue: number) => blue - red > 80;
  const isYellow = (red: number, blue: number) => red - blue > 80;
  const columnsOf = (isColour: typeof isBlue) =>
    Array.from({ length: width }, (_, x) => x).filter((x) => count(x, isColour) > 20);
  const [blue, yellow] = [columnsOf(isBlue), columnsOf(isYellow)];
  expect([Math.round(blue[0]! / 20), Math.round(blue.at(-1)! / 20)]).toEqual([1, 5]);
  expect([Math.round(yellow[0]! / 20), Math.round(yellow.at(-1)! / 20)]).toEqual([7, 11]);
});
