import { type DiagonalMixture, joinMixtures } from '../continual/diagonal-mixture.ts';
import { type LearnedTask, standardTask } from '../continual/learned-tasks.ts';
import { codePriorNames, latentSize } from '../models/kernel-vae.ts';
import type { NamedArray, NamedArrays } from '../models/named-arrays.ts';
import { kernelVoxels } from '../models/unet-weights.ts';

/** Parts of one task's mixture over codes, as they are stored under `tasks/0/` and so on. */
const parts = ['logWeights', 'mean', 'logVariance'] as const;

/** What a stored group knows of its data sets, in order; a prior that was never updated has one, N(0, I). */
export function tasksOfGroup(vae: NamedArrays): readonly LearnedTask[] {
  const tasks: LearnedTask[] = [];
  for (let n = 0; vae[`tasks/${n}/mean`]; n++) {
    const [logWeights, mean, logVariance] = parts.map((part) => Float64Array.from(vae[`tasks/${n}/${part}`]!.data));
    const stored = vae[`tasks/${n}/inputs`];
    const inputs = stored && rowsOf(stored.data, kernelVoxels);
    tasks.push({
      inputs,
      mixture: { dimensions: latentSize, logWeights: logWeights!, mean: mean!, logVariance: logVariance! },
    });
  }
  return tasks.length > 0 ? tasks : [standardTask(latentSize)];
}

/** Tasks and the mixture of all of them as a group stores them. */
export function tasksToNamed(tasks: readonly LearnedTask[]): NamedArrays {
  const arrays: Record<string, NamedArray> = {};
  for (const [n, { inputs, mixture }] of tasks.entries()) {
    Object.assign(
      arrays,
      mixtureToNamed(
        mixture,
        parts.map((part) => `tasks/${n}/${part}`),
      ),
    );
    if (inputs)
      arrays[`tasks/${n}/inputs`] = {
        shape: [inputs.length, kernelVoxels],
        data: Float32Array.from(inputs.flatMap((input) => Array.from(input))),
      };
  }
  const share = 1 / tasks.length;
  const all = joinMixtures(
    tasks.map(({ mixture }) => mixture),
    tasks.map(() => share),
  );
  return { ...arrays, ...mixtureToNamed(all, codePriorNames) };
}

function mixtureToNamed({ logWeights, mean, logVariance }: DiagonalMixture, names: readonly string[]): NamedArrays {
  const K = logWeights.length;
  const shapes = [[K], [K, latentSize], [K, latentSize]];
  return Object.fromEntries(
    [logWeights, mean, logVariance].map((values, n) => [
      names[n]!,
      { shape: shapes[n]!, data: Float32Array.from(values) },
    ]),
  );
}

const rowsOf = (values: Float32Array, length: number): readonly Float32Array[] =>
  Array.from({ length: values.length / length }, (_, n) => values.slice(n * length, (n + 1) * length));
