import { type DiagonalMixture, joinMixtures } from './diagonal-mixture.ts';
import type { InputEncoder } from './input-encoder.ts';

/** What is kept about a task when it ends: no image of it, only its part of the prior. */
export interface LearnedTask {
  /** Pseudo-inputs (Boo, Vamp), or none (free Gaussians). */
  readonly inputs: readonly Float32Array[] | undefined;
  /** The task's mixture when it ended; its weights sum to 1. */
  readonly mixture: DiagonalMixture;
}

/** The prior of all tasks: each weighs 1/T, its own weights within. Pseudo-inputs go through the encoder as it is now. */
export function priorOfTasks(tasks: readonly LearnedTask[], encoder: InputEncoder): DiagonalMixture {
  const parts = tasks.map(({ inputs, mixture }) => (inputs ? reencoded(inputs, mixture, encoder) : mixture));
  return joinMixtures(
    parts,
    parts.map(() => 1 / parts.length),
  );
}

function reencoded(inputs: readonly Float32Array[], mixture: DiagonalMixture, encoder: InputEncoder): DiagonalMixture {
  const codes = inputs.map((input) => encoder.encode(input));
  return {
    ...mixture,
    mean: Float64Array.from(codes.flatMap(({ mean }) => Array.from(mean))),
    logVariance: Float64Array.from(codes.flatMap(({ logVariance }) => Array.from(logVariance))),
  };
}

/** N(0, I) as a task: what the standard prior is, whatever the number of tasks. */
export const standardTask = (dimensions: number): LearnedTask => ({
  inputs: undefined,
  mixture: {
    dimensions,
    logWeights: new Float64Array(1),
    mean: new Float64Array(dimensions),
    logVariance: new Float64Array(dimensions),
  },
});
