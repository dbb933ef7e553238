import { AppError } from '../../../contract/errors/app-error.ts';
import type { Volume } from '../volume.ts';
import type { Attributes } from './attributes.ts';
import { decodeFrame } from './decode-frame.ts';
import { sliceHeaders } from './frame-header.ts';
import { latticeOf } from './lattice.ts';
import type { ParsedFile } from './parse-file.ts';
import { pixelFormatOf } from './pixel-format.ts';
import { sliceStepMm } from './slice-step.ts';

/**
 * The labels of a DICOM segmentation (binary, fractional or label map): segment numbers, 0 elsewhere, on the lattice of its
 * frames. Files leave out empty frames: the volume is `partial`, and background beyond it. A fractional voxel counts from
 * half the maximum on; where segments overlap the higher number stays, and a warning says so.
 * @throws AppError of the dicom area
 */
export async function readSegmentation(file: ParsedFile, name: string): Promise<Volume<Uint16Array>> {
  const { attributes } = file;
  const format = pixelFormatOf(attributes, name);
  if (!format) throw new AppError('dicom/no-pixels', { kind: 'a segmentation without frames' });
  const places = sliceHeaders(attributes, format).map(({ place }) => place);
  const { affineRasMm, levels, count } = latticeOf(places, sliceStepMm(attributes));
  const pixels = format.rows * format.columns;
  const voxels = new Uint16Array(pixels * count);
  const isLabelMap = attributes.code('x00080016') === '1.2.840.10008.5.1.4.1.1.66.7';
  const least = attributes.code('x00620001') === 'FRACTIONAL' ? (attributes.short('x0062000e') ?? 255) / 2 : 1;
  const padding = isLabelMap ? attributes.short('x00280120') : undefined;
  let overlapping = 0;
  for (let frame = 0; frame < format.frames; frame++) {
    const samples = await decodeFrame(file, format, frame, name);
    const segment = isLabelMap ? undefined : segmentOf(attributes, frame, name);
    const start = pixels * levels[frame]!;
    for (let p = 0; p < pixels; p++) {
      const label = segment === undefined ? samples[p]! : samples[p]! >= least ? segment : 0;
      if (label === 0 || label === padding) continue;
      if (voxels[start + p] !== 0) overlapping++;
      voxels[start + p] = Math.max(label, voxels[start + p]!);
    }
  }
  const warnings = overlapping > 0 ? [`Segments overlap in ${overlapping} voxel(s); the higher number was kept.`] : [];
  return {
    size: [format.columns, format.rows, count],
    affineRasMm,
    voxels,
    components: 1,
    warnings,
    partial: true,
    structureNames: segmentNames(attributes),
  };
}

/** Names by segment number. */
const segmentNames = (attributes: Attributes): Readonly<Record<number, string>> =>
  Object.fromEntries(
    attributes.items('x00620002').flatMap((segment) => {
      const [number, label] = [segment.short('x00620004'), segment.text('x00620005')];
      return number === undefined ? [] : [[number, label ?? `segment ${number}`] as const];
    }),
  );

/** Segment Identification, of the frame or of all. @throws AppError `dicom/pixel-header` where a frame names none */
function segmentOf(attributes: Attributes, frame: number, name: string): number {
  const groups = [attributes.items('x52009230')[frame], attributes.item('x52009229')];
  const number = groups.map((group) => group?.item('x0062000a')?.short('x0062000b')).find((one) => one !== undefined);
  if (number === undefined)
    throw new AppError('dicom/pixel-header', {
      name,
      attribute: `ReferencedSegmentNumber of frame ${frame + 1}`,
      value: 'absent',
    });
  return number;
}
