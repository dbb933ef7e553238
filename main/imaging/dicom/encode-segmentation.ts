import dcmjs from 'dcmjs';
import { axes, column, norm, scaled, transformPoint } from '../geometry/affine.ts';
import type { Vec3, Volume } from '../volume.ts';
import type { DicomReference, ReferencedFrame } from './dicom-reference.ts';
import { turnLpsRas } from './geometry-attributes.ts';
import { segmentationStorage } from './kinds.ts';
import { explicitLittleEndian } from './transfer-syntaxes.ts';

/** What a segmentation object says beside its voxels. */
export interface SegmentationFacts {
  /** In the order of their segment numbers, from 1. */
  readonly structures: readonly { readonly label: number; readonly name: string }[];
  /** Who drew: a program alone, or a person with one. */
  readonly drawnBy: { readonly type: 'AUTOMATIC' | 'SEMIAUTOMATIC'; readonly name: string };
  readonly program: { readonly version: string };
  readonly made: Date;
  /** A new UID at each call. */
  readonly newUid: () => string;
}

/** One frame of the object: a structure's voxels in slice k. */
interface Frame {
  readonly segment: number;
  readonly k: number;
}

/**
 * Labels as a DICOM segmentation (PS3.3 A.51): BINARY, a frame for each structure in each slice that it touches, frames packed without gaps, since readers count
 * bits and not bytes. Positions and directions are those of the labels' own grid, turned to LPS; `reference` says of which patient, study and images.
 * @throws RangeError where no structure is named
 */
export function encodeSegmentation(labels: Volume, reference: DicomReference, facts: SegmentationFacts): Uint8Array {
  const { structures, made, newUid } = facts;
  if (structures.length === 0) throw new RangeError('a segmentation names a structure');
  const frames = framesOf(labels, structures);
  const [columns, rows] = labels.size;
  const uid = newUid();
  const [date, time] = [dateOf(made), timeOf(made)];
  const dimensions = newUid();
  const { DicomDict, DicomMetaDictionary } = dcmjs.data;
  const file = new DicomDict({
    '00020001': { vr: 'OB', Value: [new Uint8Array([0, 1]).buffer] },
    '00020002': { vr: 'UI', Value: [segmentationStorage] },
    '00020003': { vr: 'UI', Value: [uid] },
    '00020010': { vr: 'UI', Value: [explicitLittleEndian] },
    '00020012': { vr: 'UI', Value: [implementationUid] },
    '00020013': { vr: 'SH', Value: ['FEWSCAN'] },
  });
  file.dict = DicomMetaDictionary.denaturalizeDataset({
    ...ofPatientAndStudy(reference),
    SOPClassUID: segmentationStorage,
    SOPInstanceUID: uid,
    InstanceCreationDate: date,
    InstanceCreationTime: time,
    Modality: 'SEG',
    SeriesInstanceUID: newUid(),
    SeriesNumber: seriesNumber,
    SeriesDescription: 'Fewscan segmentation',
    SeriesDate: date,
    SeriesTime: time,
    FrameOfReferenceUID: reference.frameOfReferenceUid || newUid(),
    PositionReferenceIndicator: '',
    Manufacturer: 'Fewscan',
    ManufacturerModelName: 'Fewscan',
    DeviceSerialNumber: 'none',
    SoftwareVersions: facts.program.version,
    ImageType: ['DERIVED', 'PRIMARY'],
    InstanceNumber: '1',
    ContentDate: date,
    ContentTime: time,
    ContentLabel: 'SEGMENTATION',
    ContentDescription: 'For research, not for diagnosis',
    ContentCreatorName: '',
    SamplesPerPixel: 1,
    PhotometricInterpretation: 'MONOCHROME2',
    NumberOfFrames: String(frames.length),
    Rows: rows,
    Columns: columns,
    BitsAllocated: 1,
    BitsStored: 1,
    HighBit: 0,
    PixelRepresentation: 0,
    LossyImageCompression: '00',
    SegmentationType: 'BINARY',
    SegmentSequence: structures.map((structure, n) => segmentItem(structure, n + 1, facts)),
    ReferencedSeriesSequence: {
      SeriesInstanceUID: reference.seriesInstanceUid,
      ReferencedInstanceSequence: reference.images.map(instanceItem),
    },
    DimensionOrganizationSequence: { DimensionOrganizationUID: dimensions },
    DimensionIndexSequence: [
      dimensionItem(dimensions, tags.referencedSegmentNumber, tags.segmentIdentification, 'Segment'),
      dimensionItem(dimensions, tags.imagePosition, tags.planePosition, 'Position'),
    ],
    SharedFunctionalGroupsSequence: sharedGroups(labels),
    PerFrameFunctionalGroupsSequence: frames.map((frame) => frameGroups(frame, labels, reference.slices[frame.k])),
    PixelData: packed(labels, frames, structures).buffer,
    _vrMap: { PixelData: 'OB' },
  });
  return new Uint8Array(file.write());
}

/** Of this program's way of writing files: any UID that stays. */
const implementationUid = '2.25.217439568122945072836514093721850412733';
/** High, so that it stands behind the series of the scanner. */
const seriesNumber = '9001';

const tags = {
  referencedSegmentNumber: 0x0062000b,
  segmentIdentification: 0x0062000a,
  imagePosition: 0x00200032,
  planePosition: 0x00209113,
} as const;

/** Frames in the order of their dimension index: by structure, then along the stack. Empty ones are left out; of labels without any, one stays. */
function framesOf({ voxels, size }: Volume, structures: SegmentationFacts['structures']): readonly Frame[] {
  const segmentOf = new Map(structures.map(({ label }, n) => [label, n + 1]));
  const pixels = size[0] * size[1];
  const touched = new Set<number>();
  for (let k = 0; k < size[2]; k++)
    for (const label of new Set(voxels.subarray(k * pixels, (k + 1) * pixels))) {
      const segment = segmentOf.get(label);
      if (segment !== undefined) touched.add(segment * size[2] + k);
    }
  const frames = [...touched]
    .sort((a, b) => a - b)
    .map((at) => ({ segment: Math.floor(at / size[2]), k: at % size[2] }));
  return frames.length > 0 ? frames : [{ segment: 1, k: 0 }];
}

/** The frames' voxels, a bit each, the first in the lowest bit, frame after frame without padding but for the last byte. */
function packed(
  { voxels, size }: Volume,
  frames: readonly Frame[],
  structures: SegmentationFacts['structures'],
): Uint8Array<ArrayBuffer> {
  const pixels = size[0] * size[1];
  const bytes = new Uint8Array(2 * Math.ceil((pixels * frames.length) / 16));
  for (const [n, { segment, k }] of frames.entries()) {
    const { label } = structures[segment - 1]!;
    for (let p = 0; p < pixels; p++) {
      const bit = n * pixels + p;
      if (voxels[k * pixels + p] === label) bytes[bit >> 3]! |= 1 << (bit & 7);
    }
  }
  return bytes;
}

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

const code = (value: string, scheme: string, meaning: string) => ({
  CodeValue: value,
  CodingSchemeDesignator: scheme,
  CodeMeaning: meaning,
});

/** What a structure is in SNOMED nobody has said: tissue, as other programs write for it. */
const tissue = code('85756007', 'SCT', 'Tissue');

/** One value of at most 64 characters (LO): a backslash would begin another. */
const shortText = (text: string): string => text.replace(/[\\\p{Cc}]/gu, ' ').slice(0, 64);

const segmentItem = (
  { label, name }: SegmentationFacts['structures'][number],
  number: number,
  { drawnBy }: SegmentationFacts,
) => ({
  SegmentNumber: number,
  SegmentLabel: shortText(name),
  SegmentDescription: `label ${label}`,
  SegmentAlgorithmType: drawnBy.type,
  SegmentAlgorithmName: shortText(drawnBy.name),
  SegmentedPropertyCategoryCodeSequence: tissue,
  SegmentedPropertyTypeCodeSequence: tissue,
});

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

function sharedGroups(grid: Volume) {
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

function frameGroups({ segment, k }: Frame, grid: Volume, source: ReferencedFrame | null | undefined) {
  return {
    FrameContentSequence: { DimensionIndexValues: [segment, k + 1] },
    PlanePositionSequence: {
      ImagePositionPatient: turnLpsRas(transformPoint(grid.affineRasMm, [0, 0, k])).map(decimal),
    },
    SegmentIdentificationSequence: { ReferencedSegmentNumber: segment },
    ...(source && {
      DerivationImageSequence: {
        DerivationCodeSequence: code('113076', 'DCM', 'Segmentation'),
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
function decimal(value: number): string {
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
