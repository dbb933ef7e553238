import { leak, type MlpVaeShape } from '../models/mlp-vae.ts';
import type { NamedArrays } from '../models/named-arrays.ts';

/** The encoder of an MLP VAE over one image in plain arrays, with the gradient with respect to the image. */
export interface HostEncoder {
  readonly shape: MlpVaeShape;
  readonly weights: NamedArrays;
}

/** q(z|u) of one image and what the way back needs. */
export interface HostCode {
  readonly mean: Float64Array;
  readonly logVariance: Float64Array;
  readonly hidden: readonly [Float32Array, Float32Array];
  /** 1 where the log-variance was not clamped. */
  readonly free: Float64Array;
}

/** A component is fitted by thousands of passes of one image, where the overhead of eager tensor ops would rule: hence loops. */
export function encodeOnHost({ shape, weights }: HostEncoder, image: Float32Array): HostCode {
  const first = activate(affine(weights, 'encoder/1', image));
  const second = activate(affine(weights, 'encoder/2', first));
  const both = affine(weights, 'encoder/code', second);
  const [L, [low, high]] = [shape.latent, shape.logVarianceRange];
  const raw = Float64Array.from(both.subarray(L));
  return {
    mean: Float64Array.from(both.subarray(0, L)),
    logVariance: raw.map((value) => Math.min(Math.max(value, low), high)),
    hidden: [first, second],
    free: raw.map((value) => (value >= low && value <= high ? 1 : 0)),
  };
}

/** Gradient of a loss with respect to the image, from its gradients with respect to mean and log-variance. */
export function imageGradient(
  { weights }: HostEncoder,
  { hidden: [first, second], free }: HostCode,
  { mean, logVariance }: { readonly mean: Float64Array; readonly logVariance: Float64Array },
): Float32Array {
  const code = Float32Array.from([...mean, ...logVariance.map((value, d) => value * free[d]!)]);
  const atSecond = deactivate(transposed(weights, 'encoder/code', code), second);
  const atFirst = deactivate(transposed(weights, 'encoder/2', atSecond), first);
  return transposed(weights, 'encoder/1', atFirst);
}

function affine(weights: NamedArrays, name: string, x: Float32Array): Float32Array {
  const { data: kernel } = weights[`${name}/kernel`]!;
  const y = weights[`${name}/bias`]!.data.slice();
  const outputs = y.length;
  for (let i = 0; i < x.length; i++) {
    const value = x[i]!;
    if (value === 0) continue;
    const row = i * outputs;
    for (let o = 0; o < outputs; o++) y[o]! += value * kernel[row + o]!;
  }
  return y;
}

function transposed(weights: NamedArrays, name: string, y: Float32Array): Float32Array {
  const { data: kernel, shape } = weights[`${name}/kernel`]!;
  const outputs = y.length;
  const x = new Float32Array(shape[0]!);
  for (let i = 0; i < x.length; i++) {
    const row = i * outputs;
    let sum = 0;
    for (let o = 0; o < outputs; o++) sum += y[o]! * kernel[row + o]!;
    x[i] = sum;
  }
  return x;
}

const activate = (x: Float32Array): Float32Array => x.map((value) => (value > 0 ? value : leak * value));
const deactivate = (gradient: Float32Array, output: Float32Array): Float32Array =>
  gradient.map((value, n) => (output[n]! > 0 ? value : leak * value));
