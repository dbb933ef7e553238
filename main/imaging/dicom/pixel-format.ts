import { AppError } from '../../../contract/errors/app-error.ts';
import type { Attributes } from './attributes.ts';

/** How the pixels of a file are written (PS3.3 C.7.6.3). */
export interface PixelFormat {
  readonly rows: number;
  readonly columns: number;
  readonly frames: number;
  readonly samplesPerPixel: number;
  readonly photometric: string;
  /** 1, 8, 16, 32 or 64 bits a sample. */
  readonly bitsAllocated: number;
  readonly bitsStored: number;
  readonly highBit: number;
  readonly signed: boolean;
  /** Float or double pixel data. */
  readonly real: boolean;
  /** Colour by plane, not by pixel. */
  readonly planar: boolean;
}

const mostSide = 65_535;
const mostFrames = 1e6;

/** undefined where the file has no pixels. @throws AppError `dicom/pixel-header` for values that no image has */
export function pixelFormatOf(attributes: Attributes, name: string): PixelFormat | undefined {
  const [rows, columns] = [attributes.short('x00280010'), attributes.short('x00280011')];
  const bitsAllocated = attributes.short('x00280100');
  if (rows === undefined || columns === undefined || bitsAllocated === undefined) return undefined;
  const bitsStored = attributes.short('x00280101') ?? bitsAllocated;
  const format = {
    rows,
    columns,
    frames: framesOf(attributes, name),
    samplesPerPixel: attributes.short('x00280002') ?? 1,
    photometric: attributes.code('x00280004') ?? 'MONOCHROME2',
    bitsAllocated,
    bitsStored,
    highBit: attributes.short('x00280102') ?? bitsStored - 1,
    signed: attributes.short('x00280103') === 1,
    real: attributes.element('x7fe00008') !== undefined || attributes.element('x7fe00009') !== undefined,
    planar: attributes.short('x00280006') === 1,
  };
  const refuse = (attribute: string, value: unknown): never => {
    throw new AppError('dicom/pixel-header', { name, attribute, value: String(value) });
  };
  if (rows < 1 || rows > mostSide) refuse('Rows', rows);
  if (columns < 1 || columns > mostSide) refuse('Columns', columns);
  if (![1, 8, 16, 32, 64].includes(bitsAllocated)) refuse('BitsAllocated', bitsAllocated);
  if (bitsStored < 1 || bitsStored > bitsAllocated) refuse('BitsStored', bitsStored);
  if (format.highBit < bitsStored - 1 || format.highBit >= bitsAllocated) refuse('HighBit', format.highBit);
  if (format.samplesPerPixel !== 1 && format.samplesPerPixel !== 3) refuse('SamplesPerPixel', format.samplesPerPixel);
  return format;
}

function framesOf(attributes: Attributes, name: string): number {
  const text = attributes.code('x00280008');
  const frames = text === undefined ? 1 : Number(text);
  if (Number.isInteger(frames) && frames >= 1 && frames <= mostFrames) return frames;
  throw new AppError('dicom/pixel-header', { name, attribute: 'NumberOfFrames', value: text ?? '' });
}

/** Whether the pixels are grey, not colour. */
export const isGrey = ({ photometric, samplesPerPixel }: PixelFormat): boolean =>
  samplesPerPixel === 1 && photometric.startsWith('MONOCHROME');
