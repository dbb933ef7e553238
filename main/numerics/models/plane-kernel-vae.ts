import { scalar, softplus, type Tensor, type Tensor2D, tensor2d, tidy } from '@tensorflow/tfjs-core';
import { derive, normals, type RandomKey } from '../tensors/random.ts';
import type { TensorRecord } from '../tensors/tensor-record.ts';
import type { NamedArrays } from './named-arrays.ts';

/** A VAE over k x k slices: one hidden layer on each side, variances by softplus, in units of `spread` (methods 6). */
export interface PlaneKernelVae {
  /** k * k */
  readonly size: number;
  readonly hidden: number;
  readonly latent: number;
}

const leak = 0.01;
const leastVariance = 1e-4;
const log2Pi = Math.log(2 * Math.PI);

export function planeVaeStart({ size, hidden, latent }: PlaneKernelVae, spread: number, key: RandomKey): NamedArrays {
  const layers: Readonly<Record<string, readonly [number, number]>> = {
    'encoder/hidden': [size, hidden],
    'encoder/heads': [hidden, 2 * latent],
    'decoder/hidden': [latent, hidden],
    'decoder/heads': [hidden, 2 * size],
  };
  const arrays: Record<string, NamedArrays[string]> = { spread: { shape: [], data: Float32Array.of(spread) } };
  for (const [name, [inputs, outputs]] of Object.entries(layers)) {
    const deviation = Math.sqrt(2 / (inputs + outputs));
    arrays[`${name}/kernel`] = {
      shape: [inputs, outputs],
      data: Float32Array.from(normals(derive(key, name), inputs * outputs), (x) => deviation * x),
    };
    arrays[`${name}/bias`] = { shape: [outputs], data: new Float32Array(outputs) };
  }
  return arrays;
}

interface Gaussian {
  readonly mean: Tensor2D;
  readonly variance: Tensor2D;
}

const dense = (vae: TensorRecord, name: string, x: Tensor2D): Tensor2D =>
  x.matMul(vae[`${name}/kernel`]!).add(vae[`${name}/bias`]!);

function heads(both: Tensor2D): Gaussian {
  const [rows, columns] = [both.shape[0], both.shape[1] / 2];
  const variance = softplus(both.slice([0, columns], [rows, columns])).add(scalar(leastVariance)) as Tensor2D;
  return { mean: both.slice([0, 0], [rows, columns]), variance };
}

/** p(w|z) in units of the spread. */
const decode = (vae: TensorRecord, z: Tensor2D): Gaussian =>
  heads(dense(vae, 'decoder/heads', dense(vae, 'decoder/hidden', z).leakyRelu(leak) as Tensor2D));

/** A lower bound on log p(w) per slice of weights [n, k * k], [n] nats, from one z each: log p(w|z) - KL(r(z|w) || N(0, I)), exact in the KL. */
export function planeLogBound(vae: TensorRecord, weights: Tensor2D, noise: Tensor2D): Tensor {
  const spread = vae['spread']!;
  const x = weights.div(spread) as Tensor2D;
  const code = heads(dense(vae, 'encoder/heads', dense(vae, 'encoder/hidden', x).leakyRelu(leak) as Tensor2D));
  const z = code.mean.add(code.variance.sqrt().mul(noise)) as Tensor2D;
  const { mean, variance } = decode(vae, z);
  const fit = x.sub(mean).square().div(variance).add(variance.log()).add(scalar(log2Pi)).sum(1).mul(scalar(-0.5));
  const divergence = code.variance
    .add(code.mean.square())
    .sub(code.variance.log())
    .sub(scalar(1))
    .sum(1)
    .mul(scalar(0.5));
  return fit.sub(divergence).sub(spread.log().mul(scalar(weights.shape[1])));
}

/** `count` slices drawn from the prior, [count, k * k] row by row. */
export function drawPlaneKernels(
  vae: TensorRecord,
  { size, latent }: PlaneKernelVae,
  count: number,
  key: RandomKey,
): Float32Array {
  const drawn = tidy(() => {
    const z = asRows(normals(derive(key, 'latent'), count * latent), latent);
    const { mean, variance } = decode(vae, z);
    return mean
      .add(variance.sqrt().mul(asRows(normals(derive(key, 'weights'), count * size), size)))
      .mul(vae['spread']!);
  });
  const values = drawn.dataSync<'float32'>().slice();
  drawn.dispose();
  return values;
}

const asRows = (values: Float64Array, columns: number): Tensor2D =>
  tensor2d(Float32Array.from(values), [values.length / columns, columns]);
