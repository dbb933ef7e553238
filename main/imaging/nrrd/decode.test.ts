import { gzipSync } from 'fflate';
import { describe, expect, test } from 'vitest';
import { affineOf, countedVolume, tilted } from '../../../tests/imaging-oracle.ts';
import { decodeImage } from '../decode-image.ts';
import { encodeNifti } from '../nifti/encode.ts';
import { decodeNrrd } from './decode.ts';
import { encodeDetachedNrrd, encodeNrrd } from './encode.ts';
import { detachedDataFile } from './header.ts';

const code = (value: string) => expect.objectContaining({ code: value });
const field = (name: string) =>
  expect.objectContaining({ code: 'nrrd/field', details: expect.objectContaining({ field: name }) });
const text = (value: string) => new TextEncoder().encode(value);

const fields: Readonly<Record<string, string>> = {
  type: 'short',
  dimension: '3',
  space: 'right-anterior-superior',
  sizes: '2 2 3',
  'space directions': '(1,0,0) (0,2,0) (0,0,3)',
  endian: 'little',
  encoding: 'raw',
  'space origin': '(4,5,6)',
};
const voxels = Int16Array.from({ length: 12 }, (_, n) => n * 100);

/** A file with some fields changed, or left out where undefined. */
function file(
  changes: Readonly<Record<string, string | undefined>> = {},
  data = new Uint8Array(voxels.buffer),
): Uint8Array {
  const lines = Object.entries({ ...fields, ...changes }).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}: ${value}`],
  );
  return Uint8Array.from([...text(`NRRD0004\n# made by hand\n${lines.join('\n')}\nkey:=value\n\n`), ...data]);
}

describe('decodeNrrd reads what encodeNrrd wrote', () => {
  const volume = countedVolume({ size: [4, 3, 5], affineRasMm: tilted(affineOf('LPS'), 20) }, 2);
  for (const encoding of ['raw', 'gzip', 'ascii'] as const) {
    test(encoding, () => {
      expect(decodeImage(encodeNrrd(volume, { encoding }))).toEqual(volume);
      const { header, data } = encodeDetachedNrrd(volume, 'voxels.bin', { encoding });
      expect(detachedDataFile(header, 'x')).toBe('voxels.bin');
      expect(decodeImage(header, data)).toEqual(volume);
    });
  }
  test('and NIfTI goes through the same door', () => {
    expect(decodeImage(encodeNifti(volume, { gzip: true })).voxels).toEqual(volume.voxels);
  });
});

describe('spaces', () => {
  test.each([
    ['RAS', [1, 2, 3], [4, 5, 6]],
    ['left-anterior-superior', [-1, 2, 3], [-4, 5, 6]],
    ['LAS', [-1, 2, 3], [-4, 5, 6]],
    ['left-posterior-superior', [-1, -2, 3], [-4, -5, 6]],
    ['LPS', [-1, -2, 3], [-4, -5, 6]],
  ])('%s', (space, diagonal, origin) => {
    const { affineRasMm, warnings } = decodeNrrd(file({ space }));
    expect(affineRasMm.map((row, x) => row[x])).toEqual(diagonal);
    expect(affineRasMm.map((row) => row[3])).toEqual(origin);
    expect(warnings).toEqual([]);
  });

  test.each(['scanner-xyz', '3D-right-handed', 'left-posterior-superior-time', 'nowhere'])('%s is refused', (space) => {
    expect(() => decodeNrrd(file({ space }))).toThrow(field('space'));
  });

  test('a space of three dimensions without a name is LPS with a warning; of two it is refused', () => {
    const { affineRasMm, warnings } = decodeNrrd(file({ space: undefined, 'space dimension': '3' }));
    expect(affineRasMm.map((row, x) => row[x])).toEqual([-1, -2, 3]);
    expect(warnings.join()).toMatch(/Check left and right/);
    expect(() => decodeNrrd(file({ space: undefined, 'space dimension': '2' }))).toThrow(field('space dimension'));
  });

  test('spacings alone', () => {
    const bare = { space: undefined, 'space directions': undefined, 'space origin': undefined, spacings: '1 2 3' };
    expect(decodeNrrd(file(bare)).affineRasMm.map((row, x) => row[x])).toEqual([-1, -2, 3]);
    expect(() => decodeNrrd(file({ ...bare, spacings: '1 0 3' }))).toThrow(code('image/spacing'));
    expect(() => decodeNrrd(file({ ...bare, spacings: '1 nan 3' }))).toThrow(code('image/spacing'));
  });

  test('units of length', () => {
    const x = (units: string) => decodeNrrd(file({ 'space units': units })).affineRasMm[0][0];
    expect([x('"mm" "mm" "mm"'), x('"cm" "cm" "cm"'), x('"um" "um" "um"')]).toEqual([1, 10, 1e-3]);
    expect(() => x('"mm" "mm" "cm"')).toThrow(field('space units'));
  });
});

describe('data', () => {
  test('components may come first, between or last', () => {
    const of = (sizes: string, directions: string) => {
      const read = decodeNrrd(file({ dimension: '4', sizes, 'space directions': directions }));
      return [read.components, ...read.size, ...read.voxels.map((value) => value / 100)];
    };
    expect(of('2 1 2 3', 'none (1,0,0) (0,1,0) (0,0,1)')).toEqual([2, 1, 2, 3, 0, 2, 4, 6, 8, 10, 1, 3, 5, 7, 9, 11]);
    // a first axis of one voxel leaves the order of the line above
    expect(of('1 2 2 3', '(1,0,0) none (0,1,0) (0,0,1)')).toEqual([2, 1, 2, 3, 0, 2, 4, 6, 8, 10, 1, 3, 5, 7, 9, 11]);
    expect(of('1 2 3 2', '(1,0,0) (0,1,0) (0,0,1) none')).toEqual([2, 1, 2, 3, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    expect(of('2 3 2 1', '(1,0,0) none (0,1,0) (0,0,1)')).toEqual([3, 2, 2, 1, 0, 1, 6, 7, 2, 3, 8, 9, 4, 5, 10, 11]);
  });

  test('big-endian, skipped lines and bytes, gzip, text', () => {
    const swapped = new Uint8Array(voxels.buffer.slice(0));
    for (let n = 0; n < swapped.length; n += 2) swapped.subarray(n, n + 2).reverse();
    expect(decodeNrrd(file({ endian: 'big' }, swapped)).voxels).toEqual(voxels);
    const after = Uint8Array.from([...text('one\ntwo\nabc'), ...new Uint8Array(voxels.buffer)]);
    expect(decodeNrrd(file({ 'line skip': '2', 'byte skip': '3' }, after)).voxels).toEqual(voxels);
    expect(decodeNrrd(file({ byteskip: '-1' }, after)).voxels).toEqual(voxels);
    const zipped = gzipSync(Uint8Array.from([...text('abc'), ...new Uint8Array(voxels.buffer)]));
    expect(decodeNrrd(file({ encoding: 'gz', 'byte skip': '3' }, zipped)).voxels).toEqual(voxels);
    expect(decodeNrrd(file({ encoding: 'text' }, text(voxels.join('\n')))).voxels).toEqual(voxels);
    const real = decodeNrrd(
      file({ encoding: 'ascii', type: 'float' }, text('nan -inf inf 1e-3 4 5 6 7 8 9 10 11')),
    ).voxels;
    expect(Array.from(real.subarray(0, 4), (value) => Math.fround(value))).toEqual([
      Number.NaN,
      -Infinity,
      Infinity,
      Math.fround(1e-3),
    ]);
  });

  test('64-bit integers become int32 where they fit', () => {
    const wide = BigInt64Array.from(voxels, (value) => BigInt(value));
    expect(decodeNrrd(file({ type: 'long long' }, new Uint8Array(wide.buffer))).voxels).toEqual(
      Int32Array.from(voxels),
    );
    wide[0] = 2n ** 60n + 1n;
    const read = decodeNrrd(file({ type: 'int64' }, new Uint8Array(wide.buffer)));
    expect(read.voxels[0]).toBe(2 ** 60);
    expect(read.warnings.join()).toMatch(/too large to be held exactly/);
  });
});

describe('one corrupted file per field', () => {
  test.each([
    ['magic', text('NRRD9\n\n'), code('image/unknown-format')],
    ['type', file({ type: 'block' }), code('image/type-unsupported')],
    ['no type', file({ type: undefined }), code('image/type-unsupported')],
    ['dimension', file({ dimension: '2' }), code('image/dimensions')],
    ['sizes too few', file({ sizes: '2 2' }), code('image/dimensions')],
    ['sizes of 0', file({ sizes: '2 0 3' }), code('image/dimensions')],
    ['sizes negative', file({ sizes: '2 -2 3' }), code('image/dimensions')],
    ['sizes no numbers', file({ sizes: '2 two 3' }), field('sizes')],
    ['sizes absurd', file({ sizes: '99999 99999 99999' }), code('image/truncated')],
    ['sizes beyond counting', file({ sizes: '9999999 9999999 9999999' }), code('image/too-large')],
    [
      'encoding bzip2',
      file({ encoding: 'bzip2' }),
      expect.objectContaining({ message: expect.stringContaining('bzip2') }),
    ],
    ['encoding hex', file({ encoding: 'hex' }), field('encoding')],
    ['encoding gzip of raw data', file({ encoding: 'gzip' }), code('image/damaged')],
    ['endian', file({ endian: 'middle' }), field('endian')],
    ['no endian', file({ endian: undefined }), field('endian')],
    ['space directions of two', file({ 'space directions': '(1,0,0) (0,1,0)' }), field('space directions')],
    [
      'space directions not finite',
      file({ 'space directions': '(1,0,0) (0,nan,0) (0,0,1)' }),
      field('space directions'),
    ],
    ['space directions in a plane', file({ 'space directions': '(1,0,0) (0,1,0) (1,1,0)' }), code('geometry/singular')],
    ['space origin', file({ 'space origin': '(1,2)' }), field('space origin')],
    ['byte skip', file({ 'byte skip': '-2' }), field('byte skip')],
    ['line skip', file({ 'line skip': '1.5' }), field('line skip')],
    ['data file of several', file({ 'data file': 'slice%03d.raw 1 9 1' }), field('data file')],
    ['data file missing', file({ 'data file': 'voxels.raw' }), code('nrrd/data-missing')],
    ['a field twice', file({ datafile: 'a.raw', 'data file': 'b.raw' }), field('data file')],
    ['text of a letter', file({ encoding: 'ascii' }, text('1 2 3 4 5 6 7 8 9 10 x 12')), field('type')],
    ['text beyond the type', file({ encoding: 'ascii' }, text('1 2 3 4 5 6 7 8 9 10 99999 12')), field('type')],
    [
      'text too short',
      file({ encoding: 'ascii' }, text('1 2 3 4 5 6 7 8 9 10            11')),
      code('image/truncated'),
    ],
    ['data too short', file({}, new Uint8Array(23)), code('image/truncated')],
    ['no data', file({}, new Uint8Array(0)), code('image/truncated')],
    [
      'gzip cut',
      file({ encoding: 'gzip' }, gzipSync(new Uint8Array(voxels.buffer)).subarray(0, 25)),
      code('image/truncated'),
    ],
    ['empty', new Uint8Array(), code('image/empty')],
  ])('%s', (_, bytes, error) => {
    expect(() => decodeNrrd(bytes, undefined, 'scan.nrrd')).toThrow(error);
    expect(() => decodeNrrd(bytes, undefined, 'scan.nrrd')).toThrow(/^scan\.nrrd: /);
  });
});
