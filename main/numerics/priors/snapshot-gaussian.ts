import { scalar, type Tensor, type Tensor2D, tensor2d } from '@tensorflow/tfjs-core';
import { capacityFactor } from '../posteriors/families/low-rank.ts';
import { solveLower } from '../tensors/cholesky.ts';
import type { TensorRecord } from '../tensors/tensor-record.ts';

/**
 * N(mean, D + F F^T) through the snapshots of one training: mean, half of their variances and half of their covariance, both widened by a
 * factor (SWAG, Maddox et al. 2019; as a prior, Shwartz-Ziv et al. 2022). Holds tensors: see `disposeSnapshotGaussian`.
 */
export interface SnapshotGaussian {
  /** [27, slices] */
  readonly mean: Tensor2D;
  /** D^-1 [27, slices] */
  readonly precision: Tensor2D;
  /** W [27 slices, snapshots]: the inverse covariance is D^-1 - W W^T. */
  readonly correction: Tensor2D;
  /** Diagonal of the inverse covariance, [27, slices]. */
  readonly inverseDiagonal: Tensor2D;
  /** log det(covariance), nats. */
  readonly logDeterminant: number;
}

/** Least deviation of a weight before the widening: a weight that all snapshots share is not known without error. */
const leastDeviation = 1e-4;

/**
 * @param snapshots of [27, slices] row-major, at least two
 * @param scale factor of the covariance: snapshots of one training lie closer together than nets for different data
 */
export function openSnapshotGaussian(
  snapshots: readonly Float32Array[],
  shape: [number, number],
  scale: number,
): SnapshotGaussian {
  const count = snapshots.length;
  if (count < 2) throw new RangeError(`a covariance needs two snapshots at least, not ${count}`);
  const size = shape[0] * shape[1];
  const mean = new Float32Array(size);
  const deviation = new Float64Array(size);
  const factors = new Float64Array(size * count);
  const half = scale / 2;
  for (let n = 0; n < size; n++) {
    const middle = snapshots.reduce((sum, values) => sum + values[n]!, 0) / count;
    let square = 0;
    for (const [k, values] of snapshots.entries()) {
      const away = values[n]! - middle;
      square += away ** 2;
      factors[n * count + k] = away * Math.sqrt(half / (count - 1));
    }
    mean[n] = middle;
    deviation[n] = Math.sqrt(half * Math.max(square / count, leastDeviation ** 2));
  }
  const capacity = capacityFactor(factors, deviation, count);
  const precision = new Float32Array(size);
  const inverseDiagonal = new Float32Array(size);
  const correction = new Float32Array(size * count);
  let logDeterminant = 0;
  for (let n = 0; n < size; n++) {
    const inverse = deviation[n]! ** -2;
    let diagonal = inverse;
    for (const [k, value] of solveLower(capacity, factors.subarray(n * count, (n + 1) * count)).entries()) {
      correction[n * count + k] = inverse * value;
      diagonal -= (inverse * value) ** 2;
    }
    precision[n] = inverse;
    inverseDiagonal[n] = diagonal;
    logDeterminant += 2 * Math.log(deviation[n]!);
  }
  for (let k = 0; k < count; k++) logDeterminant += 2 * Math.log(capacity[k * count + k]!);
  return {
    mean: tensor2d(mean, shape),
    precision: tensor2d(precision, shape),
    correction: tensor2d(correction, [size, count]),
    inverseDiagonal: tensor2d(inverseDiagonal, shape),
    logDeterminant,
  };
}

export function disposeSnapshotGaussian({ mean, precision, correction, inverseDiagonal }: SnapshotGaussian): void {
  for (const tensor of [mean, precision, correction, inverseDiagonal]) tensor.dispose();
}

/** KL(q || prior) in nats, exact, with its gradients: q = N(kernels, exp(logVariance)). Call within a tidy. */
export function snapshotDivergence(
  prior: SnapshotGaussian,
  parameters: TensorRecord,
): { readonly divergence: Tensor; readonly gradients: Record<string, Tensor> } {
  const logVariance = parameters['logVariance']!;
  const away = parameters['kernels']!.sub(prior.mean);
  const along = prior.correction.matMul(away.reshape([1, -1]), true, true); // W^T (kernels - mean), [snapshots, 1]
  const pull = away.mul(prior.precision).sub(prior.correction.matMul(along as Tensor2D).reshape(away.shape));
  const spread = logVariance.exp().mul(prior.inverseDiagonal);
  const sum = spread.sub(logVariance).sub(scalar(1)).add(away.mul(pull)).sum();
  return {
    divergence: sum.add(scalar(prior.logDeterminant)).mul(scalar(0.5)),
    gradients: { kernels: pull, logVariance: spread.sub(scalar(1)).mul(scalar(0.5)) },
  };
}
