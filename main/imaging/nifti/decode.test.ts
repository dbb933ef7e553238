import { gzipSync } from 'fflate';
import { describe, expect, test } from 'vitest';
import { affineOf, countedVolume, tilted } from '../../../tests/imaging-oracle.ts';
import type { Volume, Voxels } from '../volume.ts';
import { decodeNifti } from './decode.ts';
import { encodeNifti } from './encode.ts';

const volume = countedVolume({ size: [4, 3, 5], affineRasMm: tilted(affineOf('LPS'), 20) });
/** The image's bytes after a change of its header. Offsets are those of nifti1.h. */
const changed = (change: (header: DataView, bytes: Uint8Array) => void, from: Volume = volume): Uint8Array => {
  const bytes = encodeNifti(from);
  change(new DataView(bytes.buffer), bytes);
  return bytes;
};
const code = (value: string) => expect.objectContaining({ code: value });
const field = (name: string) =>
  expect.objectContaining({ code: 'nifti/field', details: expect.objectContaining({ field: name }) });

describe('decodeNifti reads what encodeNifti wrote', () => {
  for (const type of [
    Uint8Array,
    Int8Array,
    Int16Array,
    Uint16Array,
    Int32Array,
    Uint32Array,
    Float32Array,
    Float64Array,
  ]) {
    test(`${type.name}, plain and gzip`, () => {
      const voxels = new type(Array.from({ length: 60 * 2 }, (_, n) => n));
      for (const gzip of [false, true]) {
        const read = decodeNifti(encodeNifti({ ...volume, voxels, components: 2 }, { gzip }));
        expect(read.voxels).toEqual(voxels);
        expect([read.size, read.components, read.warnings]).toEqual([[4, 3, 5], 2, []]);
        expectAffine(read, volume);
      }
    });
  }

  test('as NIfTI-2 where a side is long', () => {
    const long = countedVolume({ size: [32768, 1, 1], affineRasMm: affineOf('SLP') });
    const bytes = encodeNifti(long);
    expect(new DataView(bytes.buffer).getInt32(0, true)).toBe(540);
    expect(decodeNifti(bytes)).toEqual(long);
  });

  test('from bytes at any offset of a larger buffer, and keeps no hold of them', () => {
    const bytes = encodeNifti(volume);
    const shifted = new Uint8Array(bytes.length + 3).subarray(3);
    shifted.set(bytes);
    const read = decodeNifti(shifted);
    shifted.fill(0);
    expect(read.voxels).toEqual(volume.voxels);
  });

  test('the same volume gives the same bytes', () => {
    expect(encodeNifti(volume, { gzip: true })).toEqual(encodeNifti(volume, { gzip: true }));
  });

  test('a sheared grid has an sform only', () => {
    const sheared: Volume = {
      ...volume,
      affineRasMm: [
        [1, 0.3, 0, 5],
        [0, 1, 0, 6],
        [0, 0, 1, 7],
      ],
    };
    const bytes = encodeNifti(sheared);
    expect(new DataView(bytes.buffer).getInt16(252, true)).toBe(0);
    expectAffine(decodeNifti(bytes), sheared);
  });
});

function expectAffine(read: Volume<Voxels>, expected: Volume): void {
  for (const [x, row] of read.affineRasMm.entries()) {
    for (const [axis, value] of row.entries())
      expect(Math.abs(value - expected.affineRasMm[x]![axis]!)).toBeLessThan(1e-5);
  }
}

describe('one corrupted file per header field', () => {
  const int16 = (at: number, value: number) => changed((header) => header.setInt16(at, value, true));
  const float = (at: number, value: number) => changed((header) => header.setFloat32(at, value, true));
  const noSform = (change: (header: DataView) => void) =>
    changed((header) => {
      header.setInt16(254, 0, true);
      change(header);
    });

  test.each([
    ['sizeof_hdr', changed((header) => header.setInt32(0, 347, true)), code('image/unknown-format')],
    ['magic', changed((_, bytes) => bytes.fill(0, 344, 348)), code('image/unknown-format')],
    ['magic of a pair', changed((_, bytes) => bytes.set([0x6e, 0x69, 0x31], 344)), code('nifti/pair-missing')],
    ['dim[0] of 0', int16(40, 0), code('image/dimensions')],
    ['dim[0] of 8', int16(40, 8), code('image/dimensions')],
    ['dim[1] of 0', int16(42, 0), code('image/dimensions')],
    ['dim[2] negative', int16(44, -3), code('image/dimensions')],
    ['dim[3] too large', int16(46, 32000), code('image/truncated')],
    ['datatype unknown', int16(70, 3), code('image/type-unsupported')],
    ['datatype complex', int16(70, 32), expect.objectContaining({ message: expect.stringContaining('complex64') })],
    ['datatype RGB', int16(70, 128), expect.objectContaining({ message: expect.stringContaining('RGB24') })],
    ['vox_offset inside the header', float(108, 100), field('vox_offset')],
    ['vox_offset not whole', float(108, 352.5), field('vox_offset')],
    ['vox_offset NaN', float(108, Number.NaN), field('vox_offset')],
    ['vox_offset beyond the end', float(108, 1e6), code('image/truncated')],
    ['scl_slope infinite', float(112, Number.POSITIVE_INFINITY), field('scl_slope')],
    ['scl_inter NaN', float(116, Number.NaN), field('scl_inter')],
    ['srow of zeros', changed((_, bytes) => bytes.fill(0, 280, 328)), code('geometry/singular')],
    ['srow with NaN', float(284, Number.NaN), code('geometry/singular')],
    ['pixdim 0 for the qform', noSform((header) => header.setFloat32(80, 0, true)), code('image/spacing')],
    ['pixdim negative for the qform', noSform((header) => header.setFloat32(84, -2, true)), code('image/spacing')],
    ['pixdim NaN for the qform', noSform((header) => header.setFloat32(88, Number.NaN, true)), code('image/spacing')],
    ['quaternion too long', noSform((header) => header.setFloat32(256, 1.5, true)), field('quatern_b, c, d')],
    ['quaternion NaN', noSform((header) => header.setFloat32(260, Number.NaN, true)), field('quatern_b, c, d')],
    ['qoffset infinite', noSform((header) => header.setFloat32(268, Infinity, true)), code('geometry/singular')],
  ])('%s', (_, bytes, error) => {
    expect(() => decodeNifti(bytes, undefined, 'scan.nii')).toThrow(error);
    expect(() => decodeNifti(bytes, undefined, 'scan.nii')).toThrow(/^scan\.nii: /);
    expect(() => decodeNifti(gzipSync(bytes), undefined, 'scan.nii')).toThrow(error);
  });

  test.each([
    ['bitpix', int16(72, 32), /bitpix is 32, which contradicts int16/],
    ['xyzt_units', changed((header) => header.setUint8(123, 6)), /unit of length \(code 6\)/],
    ['qform other than sform', float(268, 99), /sform and qform put voxels up to .* mm apart; the sform was used/],
    ['qform without sense', float(256, 9), /qform makes no sense; the sform was used/],
    ['no form at all', noSform((header) => header.setInt16(252, 0, true)), /no sform, no qform/],
  ])('%s is reported, the image is read', (_, bytes, warning) => {
    const { warnings, voxels } = decodeNifti(bytes);
    expect(voxels).toEqual(volume.voxels);
    expect(warnings.join(' ')).toMatch(warning);
  });
});

describe('damaged files', () => {
  const plain = encodeNifti(volume);
  const gzip = encodeNifti(volume, { gzip: true });

  test('empty, too short, not an image', () => {
    expect(() => decodeNifti(new Uint8Array())).toThrow(code('image/empty'));
    for (const length of [1, 3, 100])
      expect(() => decodeNifti(new Uint8Array(length).fill(7))).toThrow(code('image/unknown-format'));
    expect(() => decodeNifti(plain.subarray(0, 200))).toThrow(code('image/truncated'));
    expect(() => decodeNifti(plain.subarray(0, plain.length - 1))).toThrow(code('image/truncated'));
  });

  test('gzip cut at any byte is refused', () => {
    const codes = Array.from({ length: gzip.length - 2 }, (_, n) => {
      try {
        decodeNifti(gzip.subarray(0, n + 2));
        return 'read';
      } catch (error) {
        return (error as { code?: string }).code;
      }
    });
    expect(codes.filter((found) => found !== 'image/truncated' && found !== 'image/damaged')).toEqual([]);
  });

  test('a flipped bit in gzip is found', () => {
    const large = countedVolume({ size: [30, 30, 30], affineRasMm: affineOf('RAS') });
    const bytes = encodeNifti(large, { gzip: true });
    for (const at of [Math.floor(bytes.length / 2), bytes.length - 30, bytes.length - 6]) {
      const flipped = bytes.slice();
      flipped[at]! ^= 16;
      expect(() => decodeNifti(flipped)).toThrow();
    }
  });

  test('claims beyond any memory are refused before anything is allocated', () => {
    const absurd = changed((header) => [42, 44, 46].forEach((at) => void header.setInt16(at, 32767, true)));
    expect(() => decodeNifti(absurd)).toThrow(code('image/truncated'));
    expect(() => decodeNifti(gzipSync(absurd))).toThrow(code('image/truncated'));
  });

  test('NaN voxels are read as they are: the doors of the jobs refuse them', () => {
    const voxels = new Float32Array(60).fill(Number.NaN);
    expect(decodeNifti(encodeNifti({ ...volume, voxels })).voxels).toEqual(voxels);
  });
});

describe('pairs', () => {
  const single = encodeNifti(volume);
  const header = single.slice(0, 352);
  header.set([0x6e, 0x69, 0x31], 344);
  new DataView(header.buffer).setFloat32(108, 0, true);
  const image = single.slice(352);

  test('header and voxels in two files, each plain or gzip', () => {
    for (const first of [header, gzipSync(header)]) {
      for (const second of [image, gzipSync(image)]) expect(decodeNifti(first, second).voxels).toEqual(volume.voxels);
    }
  });

  test('voxels that look like gzip are voxels', () => {
    const bytes = image.slice();
    bytes.set([0x1f, 0x8b, 8]);
    expect(decodeNifti(header, bytes).voxels[0]).toBe(0x8b1f - 65536);
  });

  test('a short second file, or a first that has voxels of its own', () => {
    expect(() => decodeNifti(header, image.subarray(1))).toThrow(code('image/truncated'));
    expect(() => decodeNifti(single, image)).toThrow(field('magic'));
  });
});

describe('values and units', () => {
  const rescaled = (slope: number, inter: number) =>
    decodeNifti(
      changed((header) => {
        header.setFloat32(112, slope, true);
        header.setFloat32(116, inter, true);
      }),
    ).voxels;

  test('slope and intercept', () => {
    expect(rescaled(0.5, -3)).toEqual(Float32Array.from(volume.voxels, (value) => value / 2 - 3));
    expect(rescaled(1, 2)).toEqual(Float32Array.from(volume.voxels, (value) => value + 2));
    for (const none of [0, Number.NaN]) expect(rescaled(none, 5)).toEqual(volume.voxels);
  });

  test('metres and micrometres become millimetres', () => {
    for (const [unit, factor] of [
      [1, 1000],
      [3, 1e-3],
      [0, 1],
    ] as const) {
      const { affineRasMm } = decodeNifti(changed((header) => header.setUint8(123, unit | 8)));
      expect(affineRasMm[2][3] / volume.affineRasMm[2][3] / factor).toBeCloseTo(1, 6);
      expect(affineRasMm[2][2] / volume.affineRasMm[2][2] / factor).toBeCloseTo(1, 6);
    }
  });
});
