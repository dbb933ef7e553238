import { fill, type Tensor1D, type Tensor2D, tensor2d, zeros } from '@tensorflow/tfjs-core';
import { denseOf, encodeImages, type MlpVaeShape } from '../models/mlp-vae.ts';
import { derive, normals, type RandomKey } from '../tensors/random.ts';
import type { TensorRecord } from '../tensors/tensor-record.ts';
import type { MixtureTensors } from './mixture-tensors.ts';

/** The prior that a VAE trains under. What it learns itself lies among the parameters, under `prior/`. */
export type TrainingPrior =
  /** N(0, I). */
  | { readonly kind: 'standard' }
  /** K free Gaussians of equal weight (`prior/mean`, `prior/logVariance`). */
  | { readonly kind: 'gaussians' }
  /** VampPrior (Tomczak and Welling 2018): q(z|u) of K free pseudo-inputs of equal weight (`prior/inputs`). */
  | { readonly kind: 'inputs' }
  /** q(z|u) of pseudo-inputs that boosting found, [K, pixels], with their log weights [K]. */
  | { readonly kind: 'boosted'; readonly inputs: Tensor2D; readonly logWeights: Tensor1D };

/** The prior as a mixture; gradients reach its parameters, and the encoder at pseudo-inputs. For use inside a tidy. */
export function priorMixture(prior: TrainingPrior, shape: MlpVaeShape, parameters: TensorRecord): MixtureTensors {
  switch (prior.kind) {
    case 'standard':
      return { logWeights: zeros([1]), mean: zeros([1, shape.latent]), logVariance: zeros([1, shape.latent]) };
    case 'gaussians': {
      const mean = parameters['prior/mean'] as Tensor2D;
      const logVariance = parameters['prior/logVariance'] as Tensor2D;
      return { logWeights: equalWeights(mean.shape[0]), mean, logVariance };
    }
    case 'inputs': {
      const inputs = parameters['prior/inputs']!.clipByValue(0, 1) as Tensor2D;
      return { logWeights: equalWeights(inputs.shape[0]), ...encodeImages(shape, denseOf(parameters), inputs) };
    }
    case 'boosted':
      return { logWeights: prior.logWeights, ...encodeImages(shape, denseOf(parameters), prior.inputs) };
    default:
      return prior satisfies never;
  }
}

const equalWeights = (count: number): Tensor1D => fill([count], -Math.log(count)) as Tensor1D;

/** The start of a task's own prior parameters, as the authors': means N(0, 0.5^2), log-variance -2; pseudo-inputs N(0.5, 0.15^2). */
export function priorStart(
  prior: TrainingPrior['kind'],
  { pixels, latent }: MlpVaeShape,
  components: number,
  key: RandomKey,
): TensorRecord {
  const drawn = (name: string, columns: number, [mean, deviation]: readonly [number, number]) =>
    tensor2d(
      Float32Array.from(normals(derive(key, name), components * columns), (x) => mean + deviation * x),
      [components, columns],
    );
  if (prior === 'gaussians')
    return {
      'prior/mean': drawn('mean', latent, [0, 0.5]),
      'prior/logVariance': fill([components, latent], -2),
    };
  if (prior === 'inputs') return { 'prior/inputs': drawn('inputs', pixels, [0.5, 0.15]) };
  return {};
}
