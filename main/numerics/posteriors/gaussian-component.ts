import { factorised } from './families/factorised.ts';
import { fullCovariance } from './families/full-covariance.ts';
import { lowRank } from './families/low-rank.ts';
import type { OpenGaussian } from './families/open-gaussian.ts';

/** Shapes of covariance: independent dimensions, F F^T + diagonal, and (for few dimensions) any. */
export type Family = 'factorised' | 'low-rank' | 'full';

/** One Gaussian as plain data: what is fitted, stored and resumed. */
export interface GaussianComponent {
  readonly family: Family;
  readonly dimensions: number;
  /** Columns of F; 0 in the other families. */
  readonly rank: number;
  /** Mean [D], log deviations [D] (of the diagonal part, or of the factor's diagonal), then F [D, rank] or the strictly lower factor by rows. */
  readonly parameters: Float64Array;
}

/** @throws RangeError where the parameters are not as many as the family has */
export function openGaussian(component: GaussianComponent): OpenGaussian {
  const { family, dimensions, rank, parameters } = component;
  if (parameters.length !== countParameters(family, dimensions, rank))
    throw new RangeError(
      `a ${family} Gaussian of ${dimensions} dimensions does not have ${parameters.length} parameters`,
    );
  switch (family) {
    case 'factorised':
      return factorised(parameters, dimensions);
    case 'low-rank':
      return lowRank(parameters, dimensions, rank);
    case 'full':
      return fullCovariance(parameters, dimensions);
    default:
      throw family satisfies never;
  }
}

/** Parameters of a component of this shape. */
export function countParameters(family: Family, dimensions: number, rank: number): number {
  switch (family) {
    case 'factorised':
      return 2 * dimensions;
    case 'low-rank':
      return (2 + rank) * dimensions;
    case 'full':
      return 2 * dimensions + (dimensions * (dimensions - 1)) / 2;
    default:
      throw family satisfies never;
  }
}

export const meanOf = ({ parameters, dimensions }: GaussianComponent): Float64Array =>
  parameters.subarray(0, dimensions);

/** A component with independent dimensions to start from; the rank's columns, if any, start at a small share of the deviation. */
export function startComponent(
  shape: { readonly family: Family; readonly rank?: number },
  mean: Float64Array,
  deviation: number,
): GaussianComponent {
  const { family, rank = 0 } = shape;
  const dimensions = mean.length;
  const parameters = new Float64Array(countParameters(family, dimensions, rank));
  parameters.set(mean);
  parameters.fill(Math.log(deviation), dimensions, 2 * dimensions);
  if (family === 'low-rank') {
    // unequal columns: equal ones would get equal gradients for ever
    for (let n = 0; n < dimensions * rank; n++)
      parameters[2 * dimensions + n] = 0.1 * deviation * Math.cos(1 + n * 2.399963);
  }
  return { family, dimensions, rank, parameters };
}
