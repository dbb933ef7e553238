import { basename } from 'node:path';
import { AppError } from '../../../contract/errors/app-error.ts';
import { cutTile } from '../../imaging/dicom/cut-tile.ts';
import { decodeFrame } from '../../imaging/dicom/decode-frame.ts';
import type { ListedSlice } from '../../imaging/dicom/group-series.ts';
import { paletteOf } from '../../imaging/dicom/palette.ts';
import { type ParsedFile, parseFile } from '../../imaging/dicom/parse-file.ts';
import { pictureParts } from '../../imaging/dicom/picture-parts.ts';
import { type PixelFormat, pixelFormatOf } from '../../imaging/dicom/pixel-format.ts';
import type { PicturePlan } from '../../imaging/dicom/plan-pictures.ts';
import type { StackPlan } from '../../imaging/dicom/plan-stack.ts';
import { readSegmentation } from '../../imaging/dicom/read-segmentation.ts';
import { stackParts } from '../../imaging/dicom/stack-parts.ts';
import { storedValues } from '../../imaging/dicom/stored-values.ts';
import { toRgb } from '../../imaging/dicom/to-rgb.ts';
import { transferSyntaxOf } from '../../imaging/dicom/transfer-syntaxes.ts';
import { gatherVolume, partsOf, type VolumePart } from '../../imaging/dicom/volume-parts.ts';
import type { Volume, Voxels } from '../../imaging/volume.ts';
import type { DicomSource } from './dicom-sources.ts';
import { filesAhead } from './files-ahead.ts';

/** A segmentation object to decode, in one file. */
export interface SegmentationTask {
  readonly segmentation: DicomSource;
}

/** A stack to decode, as it crosses to the decoding child: each slice names its file by its place in `sources`. */
export interface StackTask {
  readonly sources: readonly DicomSource[];
  readonly slices: readonly ListedSlice[];
  readonly plan: StackPlan;
}
/** Pictures in colour to decode. */
export interface PictureTask {
  readonly sources: readonly DicomSource[];
  readonly slices: readonly ListedSlice[];
  readonly pictures: PicturePlan;
}
export type DicomTask = StackTask | PictureTask | SegmentationTask;
export type DecodeDicom = (task: DicomTask) => Promise<Volume>;

/** Who decodes, and in which process. */
export interface DicomDecoder {
  readonly decode: DecodeDicom;
  /** Headers are being read: pixels may be asked for next. */
  prepare?(): void;
}

/** Reads, decodes and stacks slices in this process. */
export const decodeDicom: DecodeDicom = (task) => gatherVolume(decodeParts(task));

/** Reads and decodes a task, slice by slice. @throws AppError of the dicom and storage areas */
export async function* decodeParts(task: DicomTask): AsyncGenerator<VolumePart> {
  const sources = 'segmentation' in task ? [task.segmentation] : task.sources;
  const read = filesAhead(sources, 'segmentation' in task ? [0] : task.slices.map(({ file }) => file));
  if ('segmentation' in task) {
    const name = nameOf(task.segmentation);
    yield* partsOf(await readSegmentation(parseFile(await read(0), name), name));
    return;
  }
  const { slices } = task;
  const decode = frameDecoder(sources, read);
  const headers = slices.map(({ slice }) => slice);
  if ('pictures' in task) {
    yield* pictureParts(headers, task.pictures, async (n) => {
      const { file, slice } = slices[n]!;
      return planesOf(await decode(file, slice.frame));
    });
    return;
  }
  yield* stackParts(headers, task.plan, async (n) => {
    const { file, slice } = slices[n]!;
    const { values, format } = await decode(file, slice.frame);
    return cutTile(values, format.columns, slice.tile);
  });
}

interface OpenFile {
  readonly file: number;
  readonly name: string;
  readonly parsed: ParsedFile;
  readonly format: PixelFormat;
}

type DecodedFrame = Omit<OpenFile, 'file'> & { readonly values: Voxels };

function planesOf({ values, format, parsed, name }: DecodedFrame): Uint8Array {
  const isPalette = format.photometric === 'PALETTE COLOR';
  const palette = isPalette ? paletteOf(parsed.attributes, format.signed, name) : undefined;
  const coding = transferSyntaxOf(parsed.transferSyntaxUid)?.coding ?? 'native'; // it was decoded, so it is known
  return toRgb(values, { coding, format, palette, name });
}

/** Decodes frames of files; the last file and frame stay open, since the next slice may be in them. */
function frameDecoder(sources: readonly DicomSource[], read: (file: number) => Promise<Uint8Array>) {
  let open: OpenFile | undefined;
  let last: { readonly file: number; readonly frame: number; readonly values: Voxels } | undefined;
  return async (file: number, frame: number): Promise<DecodedFrame> => {
    if (open?.file !== file) open = openFile(file, nameOf(sources[file]!), await read(file));
    const { parsed, format, name } = open;
    if (last?.file !== file || last.frame !== frame)
      last = { file, frame, values: storedValues(await decodeFrame(parsed, format, frame, name), format) };
    return { values: last.values, format, parsed, name };
  };
}

function openFile(file: number, name: string, bytes: Uint8Array): OpenFile {
  const parsed = parseFile(bytes, name);
  const format = pixelFormatOf(parsed.attributes, name);
  if (!format) throw new AppError('dicom/no-pixels', { kind: 'a header alone' });
  return { file, name, parsed, format };
}

const nameOf = ({ path, entry }: DicomSource): string => basename(entry ?? path);
