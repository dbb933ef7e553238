import type { ScanGate } from '../../contract/model.ts';
import { fitFeatureDensity } from '../numerics/inference/feature-density.ts';
import { scanFeatures } from '../numerics/inference/scan-features.ts';
import type { PreparedCase } from './labelled-cases.ts';

/** What a model keeps of its training scans to know their like by. */
export function scanGate(cases: readonly PreparedCase[], channels: number): ScanGate {
  const { scans, mean, deviation } = fitFeatureDensity(
    cases.map(({ image, size }) => scanFeatures(image, size, channels)),
  );
  return { scans, mean: [...mean], deviation: [...deviation] };
}
