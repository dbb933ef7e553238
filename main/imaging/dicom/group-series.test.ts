import { describe, expect, test } from 'vitest';
import { dicomFile, element, madeSlice, short, text } from '../../../tests/made-dicom.ts';
import { readHeader } from './file-header.ts';
import { groupSeries, type ListedHeader } from './group-series.ts';

const pixels = [
  [1, 2, 3],
  [4, 5, 6],
];
const slice = (instance: number, z: number): ListedHeader => ({
  ...readHeader(madeSlice({ instance, position: [0, 0, z], pixels }), 'x'),
  file: instance,
});
const inKind = (header: ListedHeader, kind: string): ListedHeader => ({
  ...header,
  image: { ...header.image!, slices: header.image!.slices.map((one) => ({ ...one, kind: [kind] })) },
});
const told = (headers: readonly ListedHeader[]) =>
  groupSeries(headers).map(({ part, parts, slices, refusal }) => [
    part,
    parts,
    slices.map(({ file }) => file),
    refusal?.code,
  ]);

describe('a series', () => {
  test('is ordered by position, whatever the instance numbers say; copies are left out', () => {
    const copy = { ...slice(2, 6), file: 9 };
    expect(told([slice(3, 0), slice(1, 3), slice(2, 6), copy])).toEqual([[1, 1, [3, 1, 9], undefined]]);
    expect(groupSeries([slice(1, 0), slice(2, 3), copy])[0]!.notes.length).toBe(1);
  });

  test('of two echoes is two volumes, and so is one of two time points that only instance numbers tell apart', () => {
    const echoes = [slice(1, 0), slice(2, 3), inKind(slice(3, 0), 'late'), inKind(slice(4, 3), 'late')];
    expect(told(echoes)).toEqual([
      [1, 2, [1, 2], undefined],
      [2, 2, [3, 4], undefined],
    ]);
    expect(told([slice(1, 0), slice(2, 3), slice(3, 0), slice(4, 3)])).toEqual([
      [1, 2, [1, 2], undefined],
      [2, 2, [3, 4], undefined],
    ]);
  });

  test('of two echoes whose positions differ by rounding is two volumes, and slices finer than rounding stay slices', () => {
    const rounded = [slice(1, 0.004), slice(2, 3.005), slice(3, 6), slice(4, 0.006), slice(5, 2.994), slice(6, 6.01)];
    expect(told(rounded)).toEqual([
      [1, 2, [1, 2, 3], undefined],
      [2, 2, [4, 5, 6], undefined],
    ]);
    expect(told([slice(1, 0), slice(2, 0.012), slice(3, 0.024), slice(4, 0.036)])).toEqual([
      [1, 1, [1, 2, 3, 4], undefined],
    ]);
  });

  test('with a place that is taken twice, or one slice over time, is refused', () => {
    expect(told([slice(1, 0), slice(2, 3), slice(3, 6), slice(4, 3)])).toEqual([
      [1, 1, [1, 2, 3, 4], 'dicom/duplicate-positions'],
    ]);
    expect(told([slice(1, 0), slice(2, 0), slice(3, 0)])[0]![3]).toBe('dicom/duplicate-positions');
  });

  test('without pixels or without positions says what it is', () => {
    const report = readHeader(
      dicomFile(
        element(8, 0x16, 'UI', text('1.2.840.10008.5.1.4.1.1.88.67')),
        element(8, 0x60, 'CS', text('SR')),
        element(0x20, 0x0d, 'UI', text('1.2')),
      ),
      'x',
    );
    const photograph = readHeader(
      dicomFile(
        element(8, 0x16, 'UI', text('1.2.840.10008.5.1.4.1.1.7')),
        element(0x20, 0x0d, 'UI', text('1.3')),
        element(0x28, 0x10, 'US', short(2)),
        element(0x28, 0x11, 'US', short(2)),
        element(0x28, 0x100, 'US', short(8)),
      ),
      'x',
    );
    const found = groupSeries([
      { ...report, file: 0 },
      { ...photograph, file: 1 },
    ]);
    expect(found.map(({ kind, refusal }) => [kind, refusal?.code])).toEqual([
      ['radiation dose report', 'dicom/no-pixels'],
      ['secondary capture', 'dicom/no-geometry'],
    ]);
  });
});
