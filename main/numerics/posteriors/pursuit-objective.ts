import type { RandomKey } from '../tensors/random.ts';
import { type AdditiveMixture, addComponent, openMixture } from './additive-mixture.ts';
import { type GaussianComponent, openGaussian } from './gaussian-component.ts';

/**
 * log p(data, theta) up to a constant, and its gradient by theta. May be an unbiased estimate (a batch of the data): it then depends
 * on `draw` alone.
 */
export type Target = (
  point: Float64Array,
  draw: RandomKey,
) => { readonly value: number; readonly gradient: Float64Array };

/**
 * What a component h is fitted by, beside the mixture q and the target p.
 * - `lambda` (MaxEntropy Pursuit, arXiv 1905.07855): min -H[h] + lambda E_h[log q - log p], that is KL(h || [p / q]^lambda). At lambda = 1 the
 *   ELBO of h less E_h log q. Unbounded where q has lighter tails than p: defend q by a share of the prior and cap the deviations.
 * - `fixed-weight`: min KL((1 - a) q + a h || p) over h at a given a; bounded below whatever the tails.
 */
export type PursuitObjective =
  | { readonly kind: 'lambda'; readonly lambda: number }
  | { readonly kind: 'fixed-weight'; readonly weight: number };

export interface ComponentProblem {
  /** undefined for the first component. */
  readonly mixture: AdditiveMixture | undefined;
  readonly target: Target;
  readonly objective: PursuitObjective;
}

/** The remedy for light tails: (1 - share) q + share prior, to stand for q in the lambda objective. */
export const defended = (mixture: AdditiveMixture, prior: GaussianComponent, share: number): AdditiveMixture =>
  addComponent(mixture, prior, share);

/**
 * An estimate of the objective and of its gradient by the component's parameters, from reparameterised draws.
 * - `lambda`: the exact gradient of the estimate; the entropy is in closed form.
 * - `fixed-weight`: the gradient of a KL of a mixture goes through the draws of h alone (the rest is the mean of a score, zero), and
 *   `loss` is a E_h[log mix - log p], of which only the path is followed.
 */
export function objectiveGradient(
  component: GaussianComponent,
  { mixture, target, objective }: ComponentProblem,
  noises: readonly Float64Array[],
  draw: RandomKey,
): { readonly loss: number; readonly gradient: Float64Array } {
  const open = openGaussian(component);
  const isLambda = objective.kind === 'lambda';
  const scale = (isLambda ? objective.lambda : objective.weight) / noises.length;
  const reference = referenceOf(component, mixture, objective);
  const gradient = isLambda
    ? open.entropyGradient().map((value) => -value)
    : new Float64Array(component.parameters.length);
  let loss = isLambda ? -open.entropy() : 0;
  for (const noise of noises) {
    const point = open.place(noise);
    const wanted = target(point, draw);
    const present = reference?.evaluate(point);
    loss += scale * ((present?.value ?? 0) - wanted.value);
    const slope = wanted.gradient.map((value, d) => scale * ((present?.gradient[d] ?? 0) - value));
    const back = open.pullBack(noise, slope);
    for (let n = 0; n < back.length; n++) gradient[n]! += back[n]!; // by index: weight spaces are long
  }
  return { loss, gradient };
}

/** What the log density of the target is compared to; nothing for a first component by the lambda objective. */
function referenceOf(component: GaussianComponent, mixture: AdditiveMixture | undefined, objective: PursuitObjective) {
  switch (objective.kind) {
    case 'lambda':
      return mixture && openMixture(mixture);
    case 'fixed-weight':
      return openMixture(
        mixture ? addComponent(mixture, component, objective.weight) : { components: [component], logWeights: [0] },
      );
    default:
      throw objective satisfies never;
  }
}
