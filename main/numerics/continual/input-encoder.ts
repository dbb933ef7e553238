import { encodeOnHost, type HostEncoder, imageGradient } from './host-encoder.ts';

/** q(z|u) of one input, and the way back from gradients with respect to it. */
export interface InputCode {
  readonly mean: Float64Array;
  readonly logVariance: Float64Array;
  /** Gradient of a loss with respect to the input, from its gradients with respect to mean and log-variance. */
  pullBack(gradient: { readonly mean: Float64Array; readonly logVariance: Float64Array }): Float32Array;
}

/** What boosting needs of a model: codes of single inputs, be they images or kernels. */
export interface InputEncoder {
  /** Numbers of an input. */
  readonly inputs: number;
  readonly latent: number;
  /** Pseudo-inputs stay within the range of the data. */
  readonly range: readonly [number, number];
  encode(input: Float32Array): InputCode;
}

/** An MLP VAE's encoder over grey levels from 0 to 1. */
export const imageEncoder = (encoder: HostEncoder): InputEncoder => ({
  inputs: encoder.shape.pixels,
  latent: encoder.shape.latent,
  range: [0, 1],
  encode(image) {
    const code = encodeOnHost(encoder, image);
    return { ...code, pullBack: (gradient) => imageGradient(encoder, code, gradient) };
  },
});
