import { expect, test } from 'vitest';
import { dicomFile, element, short, text } from '../../../tests/made-dicom.ts';
import { parseFile } from './parse-file.ts';
import { type Rescale, rescaleOf } from './rescale.ts';
import { stackParts } from './stack-parts.ts';
import { gatherVolume } from './volume-parts.ts';

const rescaleIn = (...elements: readonly (readonly number[])[]): Rescale =>
  rescaleOf([parseFile(dicomFile(element(8, 0x60, 'CS', text('CT')), ...elements), 'x').attributes]);
/** A sequence of one item of explicit length. */
const sequence = (group: number, number: number, inside: readonly number[]) => [
  ...short(group),
  ...short(number),
  0x53,
  0x51,
  0,
  0,
  ...[...short(inside.length + 8), 0, 0],
  ...[0xfe, 0xff, 0, 0xe0, ...short(inside.length), 0, 0],
  ...inside,
];
const double = (value: number) => [...new Uint8Array(Float64Array.of(value).buffer)];

test('slope and intercept come first, then the table, then the real-world mapping, then nothing', () => {
  const slope = element(0x28, 0x1053, 'DS', text('2.5'));
  const mapping = sequence(0x40, 0x9096, [
    ...element(0x40, 0x9224, 'FD', double(-3)),
    ...element(0x40, 0x9225, 'FD', double(0.5)),
  ]);
  const table = sequence(0x28, 0x3000, [
    ...element(0x28, 0x3002, 'US', [...short(3), ...short(10), ...short(16)]),
    ...element(0x28, 0x3006, 'US', [...short(100), ...short(300), ...short(200)]),
  ]);
  expect(rescaleIn(element(0x28, 0x1052, 'DS', text('-7')), slope)).toEqual({ slope: 2.5, intercept: -7 });
  expect(rescaleIn(table, mapping)).toEqual({ first: 10, table: [100, 300, 200] });
  expect(rescaleIn(mapping)).toEqual({ slope: 0.5, intercept: -3 });
  expect(rescaleIn()).toEqual({ slope: 1, intercept: 0 });
});

test('a table maps values, and its ends go on; types widen where a later slice needs it', async () => {
  const slice = (rescale: Rescale) => ({
    frame: 0,
    tile: { column: 0, row: 0, columns: 4, rows: 1 },
    place: undefined,
    rescale,
    kind: [],
  });
  const affineRasMm = [
    [1, 0, 0, 0],
    [0, 1, 0, 0],
    [0, 0, 1, 0],
  ] as const;
  const plan = { order: [0, 1], affineRasMm, steps: [0, 1], corrections: [], notes: [] };
  const values = [Int16Array.of(9, 10, 11, 99), Int16Array.of(1, 2, 3, 4)];
  const table = { first: 10, table: [100, 300, 200] };
  const volume = (first: Rescale, second: Rescale) =>
    gatherVolume(stackParts([slice(first), slice(second)], plan, async (n) => values[n]!));
  expect((await volume(table, { slope: 1, intercept: 0 })).voxels).toEqual(
    Int32Array.of(100, 100, 300, 200, 1, 2, 3, 4),
  );
  const wide = await volume({ slope: 1, intercept: 0 }, { slope: 10_000, intercept: -1 });
  expect(wide.voxels).toEqual(Int32Array.of(9, 10, 11, 99, 9999, 19_999, 29_999, 39_999));
  expect((await volume({ slope: 1, intercept: 0 }, { slope: 0.5, intercept: 0 })).voxels).toBeInstanceOf(Float32Array);
});
