import { type Acquisition, acquisitionOf } from './acquisition.ts';
import type { Attributes } from './attributes.ts';
import type { DicomReference } from './dicom-reference.ts';
import { type SliceHeader, sliceHeaders } from './frame-header.ts';
import { parseFile } from './parse-file.ts';
import { isGrey, pixelFormatOf } from './pixel-format.ts';
import { sliceStepMm } from './slice-step.ts';
import { transferSyntaxOf } from './transfer-syntaxes.ts';

/** What a file says of itself, without its pixels. */
export interface FileHeader {
  readonly studyInstanceUid: string;
  readonly seriesInstanceUid: string;
  readonly sopInstanceUid: string;
  readonly sopClassUid: string;
  readonly transferSyntaxUid: string;
  readonly modality: string;
  readonly imageType: readonly string[];
  readonly instanceNumber: number;
  /** What orders repeated acquisitions of the same slices. */
  readonly repetition: string;
  readonly acquisition: Acquisition;
  readonly frameOfReferenceUid: string;
  /** Spacing between slices, else their thickness: what a single slice stands for. */
  readonly sliceStepMm: number | undefined;
  /** Text for people: never for a log. */
  readonly patient: DicomReference['patient'];
  readonly study: Omit<DicomReference['study'], 'instanceUid'>;
  readonly series: { readonly description: string | undefined; readonly number: number | undefined };
  /** undefined where the file has no pixels. */
  readonly image: ImageHeader | undefined;
  /** Why its pixels cannot be read, if so: the transfer syntax. */
  readonly unreadable: boolean;
  /** Whether the bytes reached as far as the pixels, so that nothing of the header is missing. */
  readonly reachedPixels: boolean;
}

export interface ImageHeader {
  readonly grey: boolean;
  readonly photometric: string;
  readonly slices: readonly SliceHeader[];
}

/** Reads a file's header; `bytes` may be its head alone. @throws AppError `dicom/not-dicom`, `dicom/damaged`, `dicom/pixel-header` */
export function readHeader(bytes: Uint8Array, name: string): FileHeader {
  const { attributes, transferSyntaxUid } = parseFile(bytes, name, 'pixels');
  const format = pixelFormatOf(attributes, name);
  return {
    studyInstanceUid: attributes.code('x0020000d') ?? '',
    seriesInstanceUid: attributes.code('x0020000e') ?? '',
    sopInstanceUid: attributes.code('x00080018') ?? attributes.code('x00020003') ?? '',
    sopClassUid: attributes.code('x00080016') ?? attributes.code('x00020002') ?? '',
    transferSyntaxUid,
    modality: attributes.code('x00080060') ?? '',
    imageType: attributes.codes('x00080008'),
    instanceNumber: attributes.decimal('x00200013') ?? 0,
    repetition: repetitionOf(attributes),
    acquisition: acquisitionOf(attributes),
    frameOfReferenceUid: attributes.code('x00200052') ?? '',
    sliceStepMm: sliceStepMm(attributes),
    patient: {
      name: attributes.text('x00100010'),
      id: attributes.text('x00100020'),
      birthDate: attributes.code('x00100030'),
      sex: attributes.code('x00100040'),
    },
    study: {
      id: attributes.text('x00200010'),
      date: attributes.code('x00080020'),
      time: attributes.code('x00080030'),
      accessionNumber: attributes.text('x00080050'),
      referringPhysician: attributes.text('x00080090'),
      description: attributes.text('x00081030'),
    },
    series: { description: attributes.text('x0008103e'), number: attributes.decimal('x00200011') },
    image: format && {
      grey: isGrey(format),
      photometric: format.photometric,
      slices: sliceHeaders(attributes, format),
    },
    unreadable: transferSyntaxOf(transferSyntaxUid) === undefined,
    reachedPixels: ['x7fe00010', 'x7fe00008', 'x7fe00009'].some((tag) => attributes.element(tag) !== undefined),
  };
}

const repetitionOf = (attributes: Attributes): string =>
  [attributes.code('x00200012') ?? '', attributes.code('x00080032') ?? ''].join(' ');
