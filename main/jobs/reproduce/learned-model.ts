import type { ElasticAnchors } from '../../numerics/continual/elastic-anchors.ts';
import type { HostEncoder } from '../../numerics/continual/host-encoder.ts';
import type { LearnedTask } from '../../numerics/continual/learned-tasks.ts';
import type { MlpVaeShape } from '../../numerics/models/mlp-vae.ts';
import type { NamedArray, NamedArrays } from '../../numerics/models/named-arrays.ts';
import { mapRecord, toArrays, toTensors } from '../../numerics/tensors/tensor-record.ts';

/** A VAE after some tasks, as plain data: what a run is resumed from. */
export interface LearnedModel {
  readonly shape: MlpVaeShape;
  readonly weights: NamedArrays;
  readonly tasks: readonly LearnedTask[];
  /** Elastic anchors of all past tasks; undefined where the method has none. */
  readonly anchors: { readonly precision: NamedArrays; readonly pull: NamedArrays } | undefined;
}

export const hostEncoderOf = ({ shape, weights }: Pick<LearnedModel, 'shape' | 'weights'>): HostEncoder => ({
  shape,
  weights,
});

/** Live anchors from plain ones; the caller disposes them. */
export const liveAnchors = ({ precision, pull }: NonNullable<LearnedModel['anchors']>): ElasticAnchors => ({
  precision: toTensors(precision),
  pull: toTensors(pull),
});

export const plainAnchors = ({ precision, pull }: ElasticAnchors): NonNullable<LearnedModel['anchors']> => ({
  precision: toArrays(precision),
  pull: toArrays(pull),
});

/** The arrays with a prefix before each name, to lie beside others. */
export const withPrefix = (arrays: NamedArrays, prefix: string): NamedArrays =>
  Object.fromEntries(Object.entries(arrays).map(([name, array]) => [prefix + name, array]));

/** The arrays that have a prefix, without it. */
export const arraysUnder = (arrays: NamedArrays, prefix: string): NamedArrays =>
  Object.fromEntries(
    Object.entries(arrays)
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, array]) => [name.slice(prefix.length), array]),
  );

/** The model as one flat record of arrays, for a checkpoint. */
export function packModel({ weights, tasks, anchors }: LearnedModel): NamedArrays {
  const packed = tasks.map(({ inputs, mixture }, t) => {
    const K = mixture.logWeights.length;
    const row = (values: Float64Array): NamedArray => ({
      shape: [K, values.length / K],
      data: Float32Array.from(values),
    });
    const codes = {
      logWeights: row(mixture.logWeights),
      mean: row(mixture.mean),
      logVariance: row(mixture.logVariance),
    };
    const pixels = inputs && Float32Array.from(inputs.flatMap((input) => Array.from(input)));
    const images = pixels && { inputs: { shape: [K, pixels.length / K], data: pixels } };
    return withPrefix({ ...codes, ...images }, `tasks/${t}/`);
  });
  return {
    ...withPrefix(weights, 'weights/'),
    ...Object.assign({}, ...packed),
    ...(anchors && { ...withPrefix(anchors.precision, 'precision/'), ...withPrefix(anchors.pull, 'pull/') }),
  };
}

/** The model that `packModel` made arrays of. */
export function unpackModel(arrays: NamedArrays, shape: MlpVaeShape, tasks: number): LearnedModel {
  const precision = arraysUnder(arrays, 'precision/');
  return {
    shape,
    weights: arraysUnder(arrays, 'weights/'),
    tasks: Array.from({ length: tasks }, (_, t) => unpackTask(arraysUnder(arrays, `tasks/${t}/`), shape)),
    anchors: Object.keys(precision).length > 0 ? { precision, pull: arraysUnder(arrays, 'pull/') } : undefined,
  };
}

function unpackTask(arrays: NamedArrays, { latent, pixels }: MlpVaeShape): LearnedTask {
  const { inputs, ...codes } = arrays;
  const wide = mapRecord(codes, ({ data }) => Float64Array.from(data));
  const [logWeights, mean, logVariance] = [wide['logWeights']!, wide['mean']!, wide['logVariance']!];
  const rows = inputs && Array.from(logWeights, (_, k) => inputs.data.slice(k * pixels, (k + 1) * pixels));
  return { inputs: rows, mixture: { dimensions: latent, logWeights, mean, logVariance } };
}
