type Kind = 'u8' | 'i16' | 'i32' | 'i64' | 'f32' | 'f64';
interface Field {
  readonly at: number;
  readonly kind: Kind;
  readonly count: number;
}
export type FieldName =
  | 'dim'
  | 'datatype'
  | 'bitpix'
  | 'pixdim'
  | 'vox_offset'
  | 'scl_slope'
  | 'scl_inter'
  | 'xyzt_units'
  | 'qform_code'
  | 'sform_code'
  | 'quatern'
  | 'qoffset'
  | 'srow';

const field = (at: number, kind: Kind, count = 1): Field => ({ at, kind, count });

/** Byte offsets of the header fields we read and write, from nifti1.h and nifti2.h (nifti.nimh.nih.gov). */
export const layouts: Readonly<Record<1 | 2, Readonly<Record<FieldName, Field>>>> = {
  1: {
    dim: field(40, 'i16', 8),
    datatype: field(70, 'i16'),
    bitpix: field(72, 'i16'),
    pixdim: field(76, 'f32', 8),
    vox_offset: field(108, 'f32'),
    scl_slope: field(112, 'f32'),
    scl_inter: field(116, 'f32'),
    xyzt_units: field(123, 'u8'),
    qform_code: field(252, 'i16'),
    sform_code: field(254, 'i16'),
    quatern: field(256, 'f32', 3),
    qoffset: field(268, 'f32', 3),
    srow: field(280, 'f32', 12),
  },
  2: {
    dim: field(16, 'i64', 8),
    datatype: field(12, 'i16'),
    bitpix: field(14, 'i16'),
    pixdim: field(104, 'f64', 8),
    vox_offset: field(168, 'i64'),
    scl_slope: field(176, 'f64'),
    scl_inter: field(184, 'f64'),
    xyzt_units: field(500, 'i32'),
    qform_code: field(344, 'i32'),
    sform_code: field(348, 'i32'),
    quatern: field(352, 'f64', 3),
    qoffset: field(376, 'f64', 3),
    srow: field(400, 'f64', 12),
  },
};

/** sizeof_hdr, magic and first possible voxel byte of each version. */
export const signatures = {
  1: { headerBytes: 348, magicAt: 344, single: 'n+1\0', pair: 'ni1\0', firstVoxelByte: 352 },
  2: { headerBytes: 540, magicAt: 4, single: 'n+2\0\r\n\x1a\n', pair: 'ni2\0\r\n\x1a\n', firstVoxelByte: 544 },
} as const;

const widths: Readonly<Record<Kind, number>> = { u8: 1, i16: 2, i32: 4, i64: 8, f32: 4, f64: 8 };

export function readField(view: DataView, { at, kind, count }: Field, littleEndian: boolean): number[] {
  return Array.from({ length: count }, (_, n) => readNumber(view, kind, at + n * widths[kind], littleEndian));
}

function readNumber(view: DataView, kind: Kind, at: number, littleEndian: boolean): number {
  switch (kind) {
    case 'u8':
      return view.getUint8(at);
    case 'i16':
      return view.getInt16(at, littleEndian);
    case 'i32':
      return view.getInt32(at, littleEndian);
    case 'i64':
      return Number(view.getBigInt64(at, littleEndian));
    case 'f32':
      return view.getFloat32(at, littleEndian);
    case 'f64':
      return view.getFloat64(at, littleEndian);
    default:
      throw kind satisfies never;
  }
}

/** Little-endian. */
export function writeField(view: DataView, { at, kind }: Field, values: readonly number[]): void {
  for (const [n, value] of values.entries()) writeNumber(view, kind, at + n * widths[kind], value);
}

function writeNumber(view: DataView, kind: Kind, at: number, value: number): void {
  switch (kind) {
    case 'u8':
      view.setUint8(at, value);
      return;
    case 'i16':
      view.setInt16(at, value, true);
      return;
    case 'i32':
      view.setInt32(at, value, true);
      return;
    case 'i64':
      view.setBigInt64(at, BigInt(value), true);
      return;
    case 'f32':
      view.setFloat32(at, value, true);
      return;
    case 'f64':
      view.setFloat64(at, value, true);
      return;
    default:
      throw kind satisfies never;
  }
}
