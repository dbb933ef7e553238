import dcmjs from 'dcmjs';
import { axes, column, norm, scaled, transformPoint } from '../geometry/affine.ts';
import type { Grid, Vec3 } from '../volume.ts';
import type { DicomReference, ReferencedFrame } from './dicom-reference.ts';
import { turnLpsRas } from './geometry-attributes.ts';
import { explicitLittleEndian } from './transfer-syntaxes.ts';

/** Of what program, when, and under which UIDs an object is made. */
export interface Making {
  readonly program: { readonly version: string };
  readonly made: Date;
  /** A new UID at each call. */
  readonly newUid: () => string;
}

/** One frame of a derived image: slice k of its grid. */
export interface DerivedFrame {
  readonly k: number;
  /** Indices before that of the position. */
  readonly indices: readonly number[];
  /** Functional groups beside those of place and origin. */
  readonly groups: object;
}

/** The last element of the file. */
export interface Pixels {
  readonly element: 'PixelData' | 'FloatPixelData';
  /** Frame after frame, little endian, an even number. */
  readonly bytes: Uint8Array;
}

/** What makes a derived image the one that it is. */
export interface DerivedImage {
  readonly sopClassUid: string;
  readonly modality: string;
  readonly series: { readonly number: string; readonly description: string };
  /** Attributes of the object's own modules, without its pixels. */
  readonly content: object;
  readonly pixels: Pixels;
  /** Attribute and functional group by which frames are ordered before their position, and what it is. */
  readonly dimensions: readonly (readonly [attribute: number, group: number, label: string])[];
  readonly sharedGroups?: object;
  readonly frames: readonly DerivedFrame[];
  readonly derivation: CodeItem;
}

export type CodeItem = ReturnType<typeof code>;

/**
 * A multi-frame image that is made from the images of a reference, as a DICOM file: of the same patient, study and frame of reference, each frame with its
 * place and its source. Positions and directions are those of the grid, turned to LPS.
 */
export function encodeDerivedImage(
  grid: Grid,
  reference: DicomReference,
  { program, made, newUid }: Making,
  image: DerivedImage,
): Uint8Array {
  const [columns, rows] = grid.size;
  const uid = newUid();
  const [date, time] = [dateOf(made), timeOf(made)];
  const organization = newUid();
  const { DicomDict, DicomMetaDictionary } = dcmjs.data;
  const file = new DicomDict({
    '00020001': { vr: 'OB', Value: [new Uint8Array([0, 1]).buffer] },
    '00020002': { vr: 'UI', Value: [image.sopClassUid] },
    '00020003': { vr: 'UI', Value: [uid] },
    '00020010': { vr: 'UI', Value: [explicitLittleEndian] },
    '00020012': { vr: 'UI', Value: [implementationUid] },
    '00020013': { vr: 'SH', Value: ['FEWSCAN'] },
  });
  file.dict = DicomMetaDictionary.denaturalizeDataset({
    ...ofPatientAndStudy(reference),
    SOPClassUID: image.sopClassUid,
    SOPInstanceUID: uid,
    InstanceCreationDate: date,
    InstanceCreationTime: time,
    Modality: image.modality,
    SeriesInstanceUID: newUid(),
    SeriesNumber: image.series.number,
    SeriesDescription: image.series.description,
    SeriesDate: date,
    SeriesTime: time,
    FrameOfReferenceUID: reference.frameOfReferenceUid || newUid(),
    PositionReferenceIndicator: '',
    Manufacturer: 'Fewscan',
    ManufacturerModelName: 'Fewscan',
    DeviceSerialNumber: 'none',
    SoftwareVersions: program.version,
    InstanceNumber: '1',
    ContentDate: date,
    ContentTime: time,
    ContentDescription: 'For research, not for diagnosis',
    ContentCreatorName: '',
    SamplesPerPixel: 1,
    PhotometricInterpretation: 'MONOCHROME2',
    NumberOfFrames: String(image.frames.length),
    Rows: rows,
    Columns: columns,
    LossyImageCompression: '00',
    ReferencedSeriesSequence: {
      SeriesInstanceUID: reference.seriesInstanceUid,
      ReferencedInstanceSequence: reference.images.map(instanceItem),
    },
    DimensionOrganizationSequence: { DimensionOrganizationUID: organization },
    DimensionIndexSequence: [...image.dimensions, [imagePosition, planePosition, 'Position'] as const].map(
      ([attribute, group, label]) => dimensionItem(organization, attribute, group, label),
    ),
    SharedFunctionalGroupsSequence: { ...placeGroups(grid), ...image.sharedGroups },
    PerFrameFunctionalGroupsSequence: image.frames.map((frame) => frameGroups(frame, grid, reference, image)),
    ...image.content,
  });
  return withPixels(new Uint8Array(file.write()), image.pixels);
}

/** Put behind what dcmjs writes, which would copy a scan's worth of pixels five times. */
function withPixels(head: Uint8Array, { element, bytes }: Pixels): Uint8Array {
  const [number, representation] = { PixelData: [0x10, 'OB'], FloatPixelData: [0x08, 'OF'] }[element] as [
    number,
    string,
  ];
  const file = new Uint8Array(head.length + 12 + bytes.length);
  file.set(head);
  const view = new DataView(file.buffer, head.length);
  view.setUint16(0, 0x7fe0, true);
  view.setUint16(2, number, true);
  file.set(new TextEncoder().encode(representation), head.length + 4);
  view.setUint32(8, bytes.length, true);
  file.set(bytes, head.length + 12);
  return file;
}

/** Of this program's way of writing files: any UID that stays. */
const implementationUid = '2.25.217439568122945072836514093721850412733';

const [imagePosition, planePosition] = [0x00200032, 0x00209113];

const ofPatientAndStudy = ({ patient, study }: DicomReference) => ({
  SpecificCharacterSet: 'ISO_IR 192',
  PatientName: patient.name ?? '',
  PatientID: patient.id ?? '',
  PatientBirthDate: patient.birthDate ?? '',
  PatientSex: patient.sex ?? '',
  StudyInstanceUID: study.instanceUid,
  StudyID: study.id ?? '',
  StudyDate: study.date ?? '',
  StudyTime: study.time ?? '',
  AccessionNumber: study.accessionNumber ?? '',
  ReferringPhysicianName: study.referringPhysician ?? '',
  ...(study.description !== undefined && { StudyDescription: study.description }),
});

export const code = (value: string, scheme: string, meaning: string) => ({
  CodeValue: value,
  CodingSchemeDesignator: scheme,
  CodeMeaning: meaning,
});

/** One value of at most 64 characters (LO): a backslash would begin another. */
export const shortText = (text: string): string => text.replace(/[\\\p{Cc}]/gu, ' ').slice(0, 64);

const instanceItem = ({ sopClassUid, sopInstanceUid }: Omit<ReferencedFrame, 'frame'>) => ({
  ReferencedSOPClassUID: sopClassUid,
  ReferencedSOPInstanceUID: sopInstanceUid,
});

const dimensionItem = (organization: string, pointer: number, group: number, label: string) => ({
  DimensionOrganizationUID: organization,
  DimensionIndexPointer: pointer,
  FunctionalGroupPointer: group,
  DimensionDescriptionLabel: label,
});

function placeGroups(grid: Grid) {
  const [i, j, k] = axes.map((axis) => column(grid.affineRasMm, axis)) as [Vec3, Vec3, Vec3]; // there are three axes
  const direction = (v: Vec3) => turnLpsRas(scaled(v, 1 / norm(v))).map(decimal);
  return {
    PixelMeasuresSequence: {
      PixelSpacing: [decimal(norm(j)), decimal(norm(i))],
      SliceThickness: decimal(norm(k)),
      SpacingBetweenSlices: decimal(norm(k)),
    },
    PlaneOrientationSequence: { ImageOrientationPatient: [...direction(i), ...direction(j)] },
  };
}

function frameGroups(
  { k, indices, groups }: DerivedFrame,
  grid: Grid,
  reference: DicomReference,
  { derivation }: DerivedImage,
) {
  const source = reference.slices[k];
  return {
    FrameContentSequence: { DimensionIndexValues: [...indices, k + 1] },
    PlanePositionSequence: {
      ImagePositionPatient: turnLpsRas(transformPoint(grid.affineRasMm, [0, 0, k])).map(decimal),
    },
    ...groups,
    ...(source && {
      DerivationImageSequence: {
        DerivationCodeSequence: derivation,
        SourceImageSequence: {
          ...instanceItem(source),
          ...(source.frame !== undefined && { ReferencedFrameNumber: String(source.frame) }),
          PurposeOfReferenceCodeSequence: code('121322', 'DCM', 'Source image for image processing operation'),
        },
      },
    }),
  };
}

/** A number in at most 16 characters (DS), as exact as they allow. */
export function decimal(value: number): string {
  for (let digits = 16; digits > 0; digits--) {
    const text = String(Number(value.toPrecision(digits)));
    if (text.length <= 16) return text;
  }
  throw new RangeError(`${value} has no decimal text`);
}

/** On the clock of this machine, as scanners write theirs. */
const digits = (...parts: readonly number[]): string => parts.map((part) => String(part).padStart(2, '0')).join('');
const dateOf = (at: Date): string => digits(at.getFullYear(), at.getMonth() + 1, at.getDate());
const timeOf = (at: Date): string => digits(at.getHours(), at.getMinutes(), at.getSeconds());
