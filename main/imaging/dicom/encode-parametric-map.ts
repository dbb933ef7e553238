import { hostIsLittleEndian, swapBytes } from '../scalar-types.ts';
import type { Volume } from '../volume.ts';
import { code, decimal, encodeDerivedImage, type Making, shortText } from './derived-image.ts';
import type { DicomReference } from './dicom-reference.ts';
import { parametricMapStorage } from './kinds.ts';

/** What a map's values are. */
export interface MapFacts extends Making {
  /** Of the quantity: `predictive entropy`. */
  readonly quantity: { readonly code: string; readonly meaning: string };
  /** UCUM. */
  readonly unit: { readonly code: string; readonly meaning: string };
  /** Every value lies in it; readers show it from black to white. */
  readonly range: readonly [number, number];
}

/** A map as a DICOM parametric map (PS3.3 A.75): a frame for each slice, float32 as it is; `reference` says of which patient, study and images. */
export function encodeParametricMap(map: Volume<Float32Array>, reference: DicomReference, facts: MapFacts): Uint8Array {
  const { quantity, unit, range } = facts;
  const [low, high] = range;
  const type = ['DERIVED', 'PRIMARY', 'VOLUME', 'NONE'];
  return encodeDerivedImage(map, reference, facts, {
    sopClassUid: parametricMapStorage,
    modality: 'OT',
    series: { number: '9002', description: shortText(`Fewscan ${quantity.meaning}`) },
    content: {
      ImageType: type,
      Laterality: '',
      ContentLabel: 'MAP',
      ContentQualification: 'RESEARCH',
      AcquisitionContextSequence: [],
      BurnedInAnnotation: 'NO',
      RecognizableVisualFeatures: 'NO',
      PresentationLUTShape: 'IDENTITY',
      BitsAllocated: 32,
    },
    pixels: { element: 'FloatPixelData', bytes: littleEndian(map.voxels) },
    dimensions: [],
    sharedGroups: {
      ParametricMapFrameTypeSequence: { FrameType: type },
      FrameVOILUTSequence: { WindowCenter: decimal((low + high) / 2), WindowWidth: decimal(high - low) },
      PixelValueTransformationSequence: { RescaleIntercept: '0', RescaleSlope: '1', RescaleType: 'US' },
      RealWorldValueMappingSequence: {
        LUTExplanation: shortText(quantity.meaning),
        LUTLabel: shortText(quantity.code).slice(0, 16),
        MeasurementUnitsCodeSequence: code(unit.code, 'UCUM', unit.meaning),
        DoubleFloatRealWorldValueFirstValueMapped: low,
        DoubleFloatRealWorldValueLastValueMapped: high,
        RealWorldValueIntercept: 0,
        RealWorldValueSlope: 1,
        QuantityDefinitionSequence: {
          ValueType: 'CODE',
          ConceptNameCodeSequence: code('246205007', 'SCT', 'Quantity'),
          ConceptCodeSequence: code(quantity.code, '99FEWSCAN', quantity.meaning),
        },
      },
    },
    frames: Array.from({ length: map.size[2] }, (_, k) => ({ k, indices: [], groups: {} })),
    derivation: code('112187', 'DCM', 'Unspecified method of calculation'),
  });
}

function littleEndian({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array {
  const bytes = new Uint8Array(buffer, byteOffset, byteLength);
  if (hostIsLittleEndian) return bytes;
  const turned = bytes.slice();
  swapBytes(turned, 4);
  return turned;
}
