import type { ScanGate } from '../../contract/model.ts';
import { type FeatureDensity, fitFeatureDensity, pooledFeatureDensity } from '../numerics/inference/feature-density.ts';
import { scanFeatures } from '../numerics/inference/scan-features.ts';
import type { PreparedCase } from './labelled-cases.ts';

/** What a model keeps of its training scans to know their like by. */
export function scanGate(cases: readonly PreparedCase[], channels: number): ScanGate {
  const { scans, mean, deviation } = fitFeatureDensity(
    cases.map(({ image, size }) => scanFeatures(image, size, channels)),
  );
  return { scans, mean: [...mean], deviation: [...deviation] };
}

/** The same of a model that several became: of all their training scans, none of which is there any more. Undefined where one has none. */
export function pooledGate(gates: readonly (FeatureDensity | null | undefined)[]): ScanGate | undefined {
  const known = gates.filter((gate) => gate !== null && gate !== undefined);
  if (known.length === 0 || known.length < gates.length) return undefined;
  const { scans, mean, deviation } = pooledFeatureDensity(known);
  return { scans, mean: [...mean], deviation: [...deviation] };
}
