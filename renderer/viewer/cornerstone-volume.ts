import { cache, type Types, utilities, volumeLoader } from '@cornerstonejs/core';
import type { VoxelArray, VoxelHeader } from '../../contract/app/voxel-message.ts';
import type { Voxels } from '../connection.ts';

type Point = [number, number, number];

/** RAS+ to LPS, and back: Cornerstone's world is DICOM's. The only place where the two meet. */
export const turnWorld = ([x, y, z]: Types.Point3 | readonly [number, number, number]): Point => [-x, -y, z];

const column = (rows: VoxelHeader['affineRasMm'], n: number): Point =>
  turnWorld([rows[0]![n]!, rows[1]![n]!, rows[2]![n]!]);

/** What Cornerstone calls geometry: origin and unit vectors of i, j, k in LPS, spacing in mm. */
export function geometryOf({ affineRasMm }: VoxelHeader) {
  const axes = [column(affineRasMm, 0), column(affineRasMm, 1), column(affineRasMm, 2)];
  const spacing = axes.map((axis) => Math.hypot(...axis)) as Point;
  const direction = axes.flatMap((axis, n) => axis.map((part) => part / spacing[n]!)) as unknown as Types.Mat3; // nine numbers
  return { spacing, direction, origin: column(affineRasMm, 3) };
}

/** The types that Cornerstone draws; a copy of one component of several, for another may take its place. */
function drawable({ header, voxels }: Voxels, component = 0): Uint8Array | Int16Array | Uint16Array | Float32Array {
  const count = header.size[0] * header.size[1] * header.size[2];
  const first = header.components > 1 ? voxels.slice(component * count, (component + 1) * count) : voxels;
  if (
    first instanceof Uint8Array ||
    first instanceof Int16Array ||
    first instanceof Uint16Array ||
    first instanceof Float32Array
  )
    return first;
  return first instanceof Int8Array ? Int16Array.from(first) : Float32Array.from(first as ArrayLike<number>);
}

/**
 * Hands voxels to Cornerstone's cache under an id without a colon, which would have its slices looked for elsewhere.
 * @param imageId the image that labels lie on: the threshold brush asks it for values, and takes the labels themselves where it has none
 */
export function addVolume(id: string, data: Voxels, label: string, imageId?: string): Types.IImageVolume {
  const { spacing, direction, origin } = geometryOf(data.header);
  const scalarData = drawable(data);
  const [ni, nj, nk] = data.header.size;
  const frame = 'fewscan';
  const bits = 8 * scalarData.BYTES_PER_ELEMENT;
  const isSigned = !(scalarData instanceof Uint8Array || scalarData instanceof Uint16Array);
  for (let k = 0; k < nk; k++)
    describeSlice(`${id}_slice_${k}`, {
      origin: along(origin, direction, k * spacing[2]),
      direction,
      spacing,
      size: [ni, nj],
      frame,
      label,
    });
  const metadata = {
    BitsAllocated: bits,
    BitsStored: bits,
    SamplesPerPixel: 1,
    HighBit: bits - 1,
    PhotometricInterpretation: 'MONOCHROME2',
    PixelRepresentation: isSigned ? 1 : 0,
    Modality: 'MR',
    ImageOrientationPatient: [...direction].slice(0, 6),
    PixelSpacing: [spacing[1], spacing[0]],
    FrameOfReferenceUID: frame,
    Columns: ni,
    Rows: nj,
    voiLut: [],
    VOILUTFunction: 'LINEAR',
  };
  const volume = volumeLoader.createLocalVolume(id, {
    metadata: metadata as unknown as Types.Metadata, // the fields that a local volume reads
    dimensions: [ni, nj, nk],
    spacing,
    origin,
    direction,
    scalarData,
    ...(imageId === undefined ? {} : { referencedVolumeId: imageId }),
  });
  volume.modified(); // without it the first picture is black
  return volume;
}

/** Draws another component of the voxels that a volume was made of. */
export function showComponent(id: string, data: Voxels, component: number): void {
  const volume = cache.getVolume(id)!; // the view's own
  volume.voxelManager!.setCompleteScalarDataArray!(drawable(data, component));
  volume.modified();
}

const along = (origin: Point, direction: Types.Mat3, mm: number): Point =>
  origin.map((part, n) => part + direction[6 + n]! * mm) as Point;

interface Slice {
  readonly origin: Point;
  readonly direction: Types.Mat3;
  readonly spacing: Point;
  readonly size: readonly [number, number];
  readonly frame: string;
  readonly label: string;
}

/** Cornerstone asks for a slice's own position, window and series. */
function describeSlice(imageId: string, { origin, direction, spacing, size, frame, label }: Slice): void {
  const add = (type: string, metadata: object) => utilities.genericMetadataProvider.add(imageId, { type, metadata });
  add('imagePlaneModule', {
    frameOfReferenceUID: frame,
    rows: size[1],
    columns: size[0],
    imageOrientationPatient: [...direction].slice(0, 6),
    rowCosines: [...direction].slice(0, 3),
    columnCosines: [...direction].slice(3, 6),
    imagePositionPatient: origin,
    sliceThickness: spacing[2],
    pixelSpacing: [spacing[1], spacing[0]],
    rowPixelSpacing: spacing[1],
    columnPixelSpacing: spacing[0],
  });
  add('voiLutModule', {});
  add('generalSeriesModule', { modality: 'MR', seriesInstanceUID: label });
}

/** Takes a volume and its slices out of the cache. */
export function removeVolume(id: string): void {
  const volume = cache.getVolume(id);
  if (!volume) return;
  const { imageIds } = volume;
  cache.removeVolumeLoadObject(id);
  for (const imageId of imageIds)
    if (cache.getImageLoadObject(imageId)) cache.removeImageLoadObject(imageId, { force: true });
  if (cache.getVolumes().length === 0) utilities.genericMetadataProvider.clear(); // it forgets nothing by itself, and holds a few records a slice
}

/** All values of a volume that Cornerstone holds. */
export const valuesOf = (id: string): VoxelArray =>
  cache.getVolume(id)!.voxelManager!.getCompleteScalarDataArray!() as VoxelArray; // one of the types of `drawable`
