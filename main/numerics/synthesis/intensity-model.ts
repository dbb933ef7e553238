import { derive, normals, type RandomKey, uniforms } from '../tensors/random.ts';
import { chance } from '../training/augmentation/draws.ts';

/** How bright labels may be, on a scale of 0 to 255. */
export interface IntensityModel {
  /** The class of each label for random contrasts; labels of one class look alike. A label that is not listed is a class of its own. */
  readonly classes: ReadonlyMap<number, number>;
  /** Statistics of one real contrast by class, absent where there are none. */
  readonly measured?: MeasuredIntensities;
}

export interface MeasuredIntensities {
  /** The column of each label. */
  readonly classes: ReadonlyMap<number, number>;
  /** By column: mean and deviation over subjects of a class's mean. */
  readonly means: readonly (readonly [number, number])[];
  /** By column: mean and deviation over subjects of a class's own deviation. */
  readonly deviations: readonly (readonly [number, number])[];
}

/** 'random': any contrast; 't1': the measured one; 'mixed': either, half of the images each. */
export type IntensityChoice = 'random' | 't1' | 'mixed';

export interface Appearance {
  readonly mean: number;
  readonly deviation: number;
}

/** Greatest deviation inside a class of a random contrast (SynthSeg, Billot et al. 2023). */
const greatestRandomDeviation = 25;
/** Labels of one measured class differ by this deviation: grey matter is not the same everywhere. */
const labelDeviation = 5;

/** Draws how each of the labels looks in one image; a label's draw depends on its class (and value), not on the other labels. */
export function drawAppearances(
  labels: readonly number[],
  model: IntensityModel,
  choice: IntensityChoice,
  key: RandomKey,
): ReadonlyMap<number, Appearance> {
  const asMeasured = choice === 't1' || (choice === 'mixed' && chance(derive(key, 'choice'), 0.5));
  return new Map(
    labels.map((label) => [
      label,
      asMeasured ? measured(label, model, derive(key, 't1')) : random(label, model.classes, derive(key, 'random')),
    ]),
  );
}

function random(label: number, classes: ReadonlyMap<number, number>, key: RandomKey): Appearance {
  const group = classes.get(label);
  const [mean, deviation] = uniforms(
    group === undefined ? derive(key, 'label', label) : derive(key, 'class', group),
    2,
  );
  return { mean: 255 * mean!, deviation: greatestRandomDeviation * deviation! };
}

function measured(label: number, model: IntensityModel, key: RandomKey): Appearance {
  const column = model.measured?.classes.get(label);
  if (!model.measured || column === undefined) return random(label, model.classes, key);
  const [forMean, forDeviation] = normals(derive(key, 'class', column), 2);
  const [own] = normals(derive(key, 'label', label), 1);
  const [mean, meanDeviation] = model.measured.means[column]!;
  const [spread, spreadDeviation] = model.measured.deviations[column]!;
  return {
    mean: Math.min(Math.max(mean + meanDeviation * forMean! + labelDeviation * own!, 0), 255),
    deviation: Math.max(spread + spreadDeviation * forDeviation!, 0),
  };
}
