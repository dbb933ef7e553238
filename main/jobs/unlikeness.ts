import type { ScanGate } from '../../contract/model.ts';
import { type SegmentationReport, unlikeFrom } from '../../contract/segmentation-report.ts';
import { featureDeviates } from '../numerics/inference/feature-density.ts';
import { featuresPerChannel, quantileShares, scanFeatures } from '../numerics/inference/scan-features.ts';
import type { Sides } from '../numerics/tensors/patches.ts';

/** How a scan differs from the training scans, in the words of what it shows. */
const kindOf = (feature: number): string => {
  const place = feature % featuresPerChannel;
  if (place < quantileShares.length) return 'contrast';
  return place < featuresPerChannel - 1 ? 'sharpness or noise' : 'brightness across the image';
};

/**
 * The greatest deviation of a scan's features from those of the training scans, and in what; of a mixture, from the site that it is nearest to.
 * Several channels have several times as many features, of which one lies far more often by chance: the deviation is that which is as rare for one.
 * Undefined where the model keeps no features.
 * @param image [D, H, W, C] on the plan's grid
 */
export function unlikenessOf(
  gates: readonly (ScanGate | null | undefined)[],
  { image, size, channels }: { readonly image: Float32Array; readonly size: Sides; readonly channels: number },
): SegmentationReport['unlikeness'] {
  const known = gates.filter((gate) => gate !== null && gate !== undefined);
  if (known.length === 0 || known.length < gates.length) return undefined;
  const features = scanFeatures(image, size, channels);
  const farthest = known.map((gate) => {
    const deviates = [...featureDeviates(gate, features)].map(Math.abs);
    const deviations = Math.max(...deviates);
    return { deviations: asOfOneChannel(deviations, channels), feature: kindOf(deviates.indexOf(deviations)) };
  });
  return farthest.reduce((nearest, one) => (one.deviations < nearest.deviations ? one : nearest));
}

/** Bonferroni's correction where tails fall as exp(-d^2 / 2), which leaves 2.5 of 3 deviations in four channels. */
const asOfOneChannel = (deviations: number, channels: number): number =>
  Math.sqrt(Math.max(0, deviations ** 2 - 2 * Math.log(channels)));

/** Said where the doubt and the intervals of a result cannot be relied upon. */
export const warningOf = (unlikeness: SegmentationReport['unlikeness']): readonly string[] =>
  unlikeness && unlikeness.deviations >= unlikeFrom
    ? [
        `This scan is unlike those that trained the model: its ${unlikeness.feature} lies ${unlikeness.deviations.toFixed(1)} deviations away. Neither its doubt nor its intervals can be relied upon; look at all of it.`,
      ]
    : [];
