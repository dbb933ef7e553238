import type { Attributes } from './attributes.ts';

/** How a series was acquired, under the names and in the units of BIDS (bids-specification.readthedocs.io): seconds, degrees, tesla. No patient text. */
export type Acquisition = Readonly<Record<string, string | number | readonly string[]>>;

const words = {
  Modality: 'x00080060',
  Manufacturer: 'x00080070',
  ManufacturersModelName: 'x00081090',
  ProtocolName: 'x00181030',
  SeriesDescription: 'x0008103e',
  PatientPosition: 'x00185100',
  ScanningSequence: 'x00180020',
  SequenceName: 'x00180024',
  ConvolutionKernel: 'x00181210',
} as const;

const numbers = {
  MagneticFieldStrength: ['x00180087', 1],
  EchoTime: ['x00180081', 1e-3],
  RepetitionTime: ['x00180080', 1e-3],
  InversionTime: ['x00180082', 1e-3],
  FlipAngle: ['x00181314', 1],
  SliceThickness: ['x00180050', 1],
  SpacingBetweenSlices: ['x00180088', 1],
  XRayTubeVoltage: ['x00180060', 1],
  SeriesNumber: ['x00200011', 1],
} as const;

export function acquisitionOf(attributes: Attributes): Acquisition {
  const text = Object.entries(words).flatMap(([name, tag]) => {
    const value = attributes.text(tag);
    return value === undefined ? [] : [[name, value] as const];
  });
  const measured = Object.entries(numbers).flatMap(([name, [tag, toUnit]]) => {
    const value = attributes.decimal(tag);
    return value === undefined ? [] : [[name, Number((value * toUnit).toPrecision(12))] as const];
  });
  const imageType = attributes.codes('x00080008');
  return Object.fromEntries([
    ...text,
    ...measured,
    ...(imageType.length > 0 ? [['ImageType', imageType] as const] : []),
  ]);
}
