import { derive, normals, type RandomKey } from '../tensors/random.ts';
import { type PreparedMixture, scoreAt } from './diagonal-mixture.ts';
import type { InputCode, InputEncoder } from './input-encoder.ts';

export interface ComponentSettings {
  /** Steps at most. */
  readonly steps: number;
  readonly rate: number;
  /** Antithetic draws of z a step; an even number. */
  readonly draws: number;
  /** The target is (p* / p)^lambda. */
  readonly lambda: number;
  /** It ends where the mean loss of this many steps is less than `tolerance` below that of those before. */
  readonly window: number;
  readonly tolerance: number;
}

/** What a component is fitted against: the aggregate posterior p* and the mixture so far. */
export interface ComponentTarget {
  readonly encoder: InputEncoder;
  readonly aggregate: PreparedMixture;
  readonly mixture: PreparedMixture;
}

/** A pseudo-input between two steps of Adam. */
export interface ComponentFit {
  readonly step: number;
  readonly input: Float32Array;
  readonly firstMoment: Float32Array;
  readonly secondMoment: Float32Array;
}

export const startComponent = (input: Float32Array): ComponentFit => ({
  step: 0,
  input,
  firstMoment: new Float32Array(input.length),
  secondMoment: new Float32Array(input.length),
});

/**
 * One step on J(u) = E_h[log h - lambda log p* + lambda log p], h = q(z|u), the entropy exact, the rest by reparameterised antithetic
 * draws (methods 4). The pseudo-input stays within the range of the data.
 */
export function componentStep(
  fit: ComponentFit,
  target: ComponentTarget,
  settings: ComponentSettings,
  key: RandomKey,
): readonly [ComponentFit, { readonly loss: number }] {
  const { loss, gradient } = componentLoss(fit.input, target, settings, derive(key, fit.step));
  const [low, high] = target.encoder.range;
  const step = fit.step + 1;
  const size = (settings.rate * Math.sqrt(1 - 0.999 ** step)) / (1 - 0.9 ** step);
  const firstMoment = fit.firstMoment.map((m, n) => 0.9 * m + 0.1 * gradient[n]!);
  const secondMoment = fit.secondMoment.map((v, n) => 0.999 * v + 0.001 * gradient[n]! ** 2);
  const input = fit.input.map((u, n) =>
    Math.min(Math.max(u - (size * firstMoment[n]!) / (Math.sqrt(secondMoment[n]!) + 1e-8), low), high),
  );
  return [{ step, input, firstMoment, secondMoment }, { loss }];
}

/** J and its gradient with respect to the pseudo-input, for the draws of one key. */
export function componentLoss(
  input: Float32Array,
  target: ComponentTarget,
  { draws, lambda }: Pick<ComponentSettings, 'draws' | 'lambda'>,
  key: RandomKey,
): { readonly loss: number; readonly gradient: Float32Array } {
  const code = target.encoder.encode(input);
  const L = code.mean.length;
  const noise = normals(key, (draws / 2) * L);
  const deviation = code.logVariance.map((value) => Math.exp(0.5 * value));
  const byMean = new Float64Array(L);
  const byLogVariance = new Float64Array(L).fill(-0.5); // of the entropy
  let loss = -gaussianEntropy(code);
  for (let draw = 0; draw < draws; draw++) {
    const sign = draw % 2 === 0 ? 1 : -1;
    const from = (draw >> 1) * L;
    const z = code.mean.map((mean, d) => mean + sign * deviation[d]! * noise[from + d]!);
    const [above, below] = [scoreAt(target.aggregate, z), scoreAt(target.mixture, z)];
    loss += (lambda / draws) * (below.logDensity - above.logDensity);
    for (let d = 0; d < L; d++) {
      const slope = (lambda / draws) * (below.gradient[d]! - above.gradient[d]!);
      byMean[d]! += slope;
      byLogVariance[d]! += 0.5 * slope * sign * deviation[d]! * noise[from + d]!;
    }
  }
  return { loss, gradient: code.pullBack({ mean: byMean, logVariance: byLogVariance }) };
}

const gaussianEntropy = ({ logVariance }: InputCode): number =>
  logVariance.reduce((sum, value) => sum + 0.5 * (value + 1 + Math.log(2 * Math.PI)), 0);

/** Steps until the loss stalls. `loss` is the mean of the last window. */
export function fitComponent(
  start: Float32Array,
  target: ComponentTarget,
  settings: ComponentSettings,
  key: RandomKey,
): { readonly input: Float32Array; readonly steps: number; readonly loss: number } {
  let fit = startComponent(start);
  let before = Number.POSITIVE_INFINITY;
  for (;;) {
    let loss = 0;
    for (let n = 0; n < settings.window; n++) {
      const [next, info] = componentStep(fit, target, settings, key);
      fit = next;
      loss += info.loss / settings.window;
    }
    if (fit.step >= settings.steps || before - loss < settings.tolerance)
      return { input: fit.input, steps: fit.step, loss };
    before = loss;
  }
}
