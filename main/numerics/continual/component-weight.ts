import { derive, type RandomKey } from '../tensors/random.ts';
import { type DiagonalMixture, logDensityAt, type PreparedMixture, sampleMixture } from './diagonal-mixture.ts';

/** Log densities at draws of the new component h and of the mixture p. */
interface Draws {
  readonly component: Float64Array;
  readonly mixture: Float64Array;
  readonly aggregate: Float64Array;
}

const iterations = 40;

/**
 * The weight a in [0, 1] that minimises KL(a h + (1 - a) p || p*), convex in a: the root of E_h[log mix - log p*] - E_p[log mix - log p*],
 * found by halving over fixed draws. 0 means that h is not wanted (it is pruned).
 */
export function searchWeight(
  component: PreparedMixture,
  mixture: PreparedMixture,
  aggregate: PreparedMixture,
  { draws, key }: { readonly draws: number; readonly key: RandomKey },
): number {
  const evaluate = (source: DiagonalMixture, own: RandomKey): Draws => {
    const L = source.dimensions;
    const z = sampleMixture(source, draws, own);
    const at = (prepared: PreparedMixture) =>
      Float64Array.from({ length: draws }, (_, n) => logDensityAt(prepared, z.subarray(n * L, (n + 1) * L)));
    return { component: at(component), mixture: at(mixture), aggregate: at(aggregate) };
  };
  const ofComponent = evaluate(component.mixture, derive(key, 'component'));
  const ofMixture = evaluate(mixture.mixture, derive(key, 'mixture'));
  const slope = (a: number): number => meanGap(ofComponent, a) - meanGap(ofMixture, a);
  if (slope(0) >= 0) return 0;
  let [low, high] = [0, 1];
  for (let n = 0; n < iterations; n++) {
    const middle = (low + high) / 2;
    if (slope(middle) < 0) low = middle;
    else high = middle;
  }
  return high;
}

/** Mean of log(a h + (1 - a) p) - log p* over draws. */
function meanGap({ component, mixture, aggregate }: Draws, a: number): number {
  let sum = 0;
  for (let n = 0; n < aggregate.length; n++) sum += logMix(component[n]!, mixture[n]!, a) - aggregate[n]!;
  return sum / aggregate.length;
}

function logMix(component: number, mixture: number, a: number): number {
  if (a <= 0) return mixture;
  if (a >= 1) return component;
  const [one, other] = [Math.log(a) + component, Math.log(1 - a) + mixture];
  const greatest = Math.max(one, other);
  return greatest + Math.log(Math.exp(one - greatest) + Math.exp(other - greatest));
}
