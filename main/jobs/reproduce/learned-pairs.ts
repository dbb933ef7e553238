import { z } from 'zod';
import type { Anchor } from '../../numerics/continual/elastic-weights.ts';
import type { NamedArray } from '../../numerics/models/named-arrays.ts';
import type { AdditiveMixture } from '../../numerics/posteriors/additive-mixture.ts';
import type { Checkpoint } from '../ports.ts';

/** All that is kept after some tasks: no image. */
export interface LearnedPairs {
  readonly tasks: number;
  /** Of methods with one weight set. */
  readonly weights: Float64Array | undefined;
  readonly anchors: readonly Anchor[];
  /** MPVI's posterior over weights: a component a task. */
  readonly mixture: AdditiveMixture | undefined;
  /** By class, in order of learning: densities of pooled images (the gate), of pixels, and of the first task's features. */
  readonly gate: readonly AdditiveMixture[];
  readonly pixels: readonly AdditiveMixture[];
  readonly features: readonly AdditiveMixture[];
}

export const nothingLearned: LearnedPairs = {
  tasks: 0,
  weights: undefined,
  anchors: [],
  mixture: undefined,
  gate: [],
  pixels: [],
  features: [],
};

/** What describes the arrays of a checkpoint. */
const packedStateSchema = z.object({
  tasks: z.number().int(),
  anchorImages: z.array(z.number().int()),
  mixtures: z.record(
    z.string(),
    z.object({
      logWeights: z.array(z.number()),
      family: z.enum(['factorised', 'low-rank', 'full']),
      dimensions: z.number().int(),
      rank: z.number().int(),
    }),
  ),
});
type PackedState = z.infer<typeof packedStateSchema>;

const kinds = ['gate', 'pixels', 'features'] as const;

/** As a checkpoint: float32 arrays, and their shapes as JSON. */
export function packPairs(learned: LearnedPairs): Checkpoint {
  const arrays: Record<string, NamedArray> = {};
  const mixtures: PackedState['mixtures'] = {};
  const keep = (name: string, values: Float64Array): void => {
    arrays[name] = { shape: [values.length], data: Float32Array.from(values) };
  };
  const keepMixture = (name: string, { components, logWeights }: AdditiveMixture): void => {
    const { family, dimensions, rank } = components[0]!; // of one shape within a mixture
    mixtures[name] = { logWeights: [...logWeights], family, dimensions, rank };
    for (const [k, { parameters }] of components.entries()) keep(`${name}/${k}`, parameters);
  };
  if (learned.weights) keep('weights', learned.weights);
  for (const [t, { weights, fisher }] of learned.anchors.entries()) {
    keep(`anchor/${t}/weights`, weights);
    keep(`anchor/${t}/fisher`, fisher);
  }
  if (learned.mixture) keepMixture('mixture', learned.mixture);
  for (const kind of kinds) for (const [c, one] of learned[kind].entries()) keepMixture(`${kind}/${c}`, one);
  const anchorImages = learned.anchors.map(({ images }) => images);
  const state: PackedState = { tasks: learned.tasks, anchorImages, mixtures };
  return { arrays, state };
}

/** What `packPairs` packed. */
export function unpackPairs({ arrays, state: plain }: Checkpoint): LearnedPairs {
  const state = packedStateSchema.parse(plain);
  const values = (name: string): Float64Array => Float64Array.from(arrays[name]!.data);
  const mixture = (name: string): AdditiveMixture => {
    const { logWeights, ...shape } = state.mixtures[name]!;
    return { logWeights, components: logWeights.map((_, k) => ({ ...shape, parameters: values(`${name}/${k}`) })) };
  };
  const all = (kind: string): AdditiveMixture[] =>
    Object.keys(state.mixtures)
      .filter((name) => name.startsWith(`${kind}/`))
      .map((_, c) => mixture(`${kind}/${c}`));
  return {
    tasks: state.tasks,
    weights: arrays['weights'] && values('weights'),
    anchors: state.anchorImages.map((images, t) => ({
      weights: values(`anchor/${t}/weights`),
      fisher: values(`anchor/${t}/fisher`),
      images,
    })),
    mixture: state.mixtures['mixture'] && mixture('mixture'),
    gate: all('gate'),
    pixels: all('pixels'),
    features: all('features'),
  };
}

/** Bytes in float32 that are kept for each task beside one weight set. */
export interface KeptBytes {
  readonly componentBytes: number;
  readonly gateBytes: number;
  readonly anchorBytes: number;
}

/** A density's equal variances count once a component, as does its weight. */
export function keptBytes({ tasks, mixture, gate, anchors }: LearnedPairs): KeptBytes {
  const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);
  const ofDensity = ({ components }: AdditiveMixture): number =>
    total(components.map(({ dimensions, rank }) => 4 * (dimensions * (1 + rank) + 2)));
  return {
    componentBytes: total((mixture?.components ?? []).map(({ parameters }) => 4 * parameters.length)) / tasks,
    gateBytes: total(gate.map(ofDensity)) / tasks,
    anchorBytes: total(anchors.map(({ weights, fisher }) => 4 * (weights.length + fisher.length))) / tasks,
  };
}
