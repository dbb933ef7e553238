import { basename } from 'node:path';
import { AppError } from '../../../contract/errors/app-error.ts';
import { assembleVolume } from '../../imaging/dicom/assemble-volume.ts';
import { cutTile } from '../../imaging/dicom/cut-tile.ts';
import { decodeFrame } from '../../imaging/dicom/decode-frame.ts';
import type { ListedSlice } from '../../imaging/dicom/group-series.ts';
import { type ParsedFile, parseFile } from '../../imaging/dicom/parse-file.ts';
import { type PixelFormat, pixelFormatOf } from '../../imaging/dicom/pixel-format.ts';
import type { StackPlan } from '../../imaging/dicom/plan-stack.ts';
import { readSegmentation } from '../../imaging/dicom/read-segmentation.ts';
import { storedValues } from '../../imaging/dicom/stored-values.ts';
import type { Volume, Voxels } from '../../imaging/volume.ts';
import { type DicomSource, readSources } from './dicom-sources.ts';

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
/** `onSlice` is called after each slice. */
export type DicomTask = StackTask | SegmentationTask;
export type DecodeDicom = (task: DicomTask, onSlice?: () => void) => Promise<Volume>;

/** Who decodes, and in which process. */
export interface DicomDecoder {
  readonly decode: DecodeDicom;
  /** Headers are being read: pixels may be asked for next. */
  prepare?(): void;
}

interface OpenFile {
  readonly file: number;
  readonly name: string;
  readonly parsed: ParsedFile;
  readonly format: PixelFormat;
}

/** Reads, decodes and stacks slices in this process. Plain files are read one at a time, those of a zip all at once. */
export const decodeDicom: DecodeDicom = async (task, onSlice = () => {}) => {
  if ('segmentation' in task) return decodeSegmentation(task.segmentation);
  const { sources, slices, plan } = task;
  const zipped = await readZipped(sources, slices);
  let open: OpenFile | undefined;
  let last: { readonly file: number; readonly frame: number; readonly values: Voxels } | undefined;
  const headers = slices.map(({ slice }) => slice);
  return assembleVolume(headers, plan, async (n) => {
    const { file, slice } = slices[n]!;
    if (open?.file !== file) open = await openFile(file, sources[file]!, zipped.get(file));
    const { parsed, format, name } = open;
    if (last?.file !== file || last.frame !== slice.frame) {
      const samples = await decodeFrame(parsed, format, slice.frame, name);
      last = { file, frame: slice.frame, values: storedValues(samples, format) };
    }
    onSlice();
    return cutTile(last.values, format.columns, slice.tile);
  });
};

async function decodeSegmentation(source: DicomSource): Promise<Volume> {
  const name = basename(source.entry ?? source.path);
  const [bytes] = await readSources([source]);
  return readSegmentation(parseFile(bytes!, name), name); // one source gives one file
}

async function openFile(file: number, source: DicomSource, inZip: Uint8Array | undefined): Promise<OpenFile> {
  const name = basename(source.entry ?? source.path);
  const bytes = inZip ?? (await readSources([source]))[0]!; // one source gives one file
  const parsed = parseFile(bytes, name);
  const format = pixelFormatOf(parsed.attributes, name);
  if (!format) throw new AppError('dicom/no-pixels', { kind: 'a header alone' });
  return { file, name, parsed, format };
}

async function readZipped(
  sources: readonly DicomSource[],
  slices: readonly ListedSlice[],
): Promise<ReadonlyMap<number, Uint8Array>> {
  const files = [...new Set(slices.map(({ file }) => file))].filter((file) => sources[file]!.entry !== undefined);
  const bytes = await readSources(files.map((file) => sources[file]!));
  return new Map(files.map((file, n) => [file, bytes[n]!]));
}
