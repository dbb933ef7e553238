import { type Tensor2D, tensor2d, tidy } from '@tensorflow/tfjs-core';
import { type DiagonalMixture, sampleMixture } from '../../numerics/continual/diagonal-mixture.ts';
import { importanceLogLikelihood } from '../../numerics/continual/importance-likelihood.ts';
import { imageEncoder } from '../../numerics/continual/input-encoder.ts';
import { priorOfTasks } from '../../numerics/continual/learned-tasks.ts';
import { type MixtureTensors, mixtureTensors } from '../../numerics/continual/mixture-tensors.ts';
import { labelDiversity } from '../../numerics/metrics/label-diversity.ts';
import { classify } from '../../numerics/models/mlp-classifier.ts';
import { decodeLogits, denseOf } from '../../numerics/models/mlp-vae.ts';
import { fused } from '../../numerics/tensors/fused/fused-functions.ts';
import { derive, type RandomKey } from '../../numerics/tensors/random.ts';
import { disposeRecord, type TensorRecord, toTensors } from '../../numerics/tensors/tensor-record.ts';
import type { JobContext } from '../ports.ts';
import type { GreyPicture } from '../result-ports.ts';
import { countImages, type DigitImages, imageTensor } from './digit-images.ts';
import type { ImageClassifier } from './image-classifier.ts';
import { hostEncoderOf, type LearnedModel } from './learned-model.ts';

export interface ModelEvaluation {
  readonly model: LearnedModel;
  /** Test images of the classes seen. */
  readonly test: DigitImages;
  /** Draws of the NLL, and images drawn for the diversity. */
  readonly samples: number;
  readonly generated: number;
  /** None: no diversity. */
  readonly classifier: ImageClassifier | undefined;
  readonly classes: readonly number[];
  readonly key: RandomKey;
  readonly title: string;
}

/** What a model is worth on the classes seen. NLL in nats an image. */
export interface ModelWorth {
  readonly nll: number;
  /** Over test images. */
  readonly nllStandardError: number;
  readonly images: number;
  /** By class, in the order of `classes`. */
  readonly nllByClass: readonly number[];
  /** KL from uniform of the classes of generated images; null where none was taken for a class seen. */
  readonly diversity: number | null;
  /** Generated images by class; those taken for a class not seen yet are left out, and make the share of `unseen`. */
  readonly generatedByClass: readonly number[];
  readonly unseen: number;
  readonly components: number;
}

/** Rows of codes in one pass: large enough for the products of matrices, small enough for the processor's cache. */
const rowsAtOnce = 1000;

/** NLL by importance sampling, diversity, and a picture of samples. */
export async function evaluateModel(
  context: JobContext,
  evaluation: ModelEvaluation,
): Promise<{ readonly worth: ModelWorth; readonly picture: GreyPicture }> {
  const { model, test, classes, generated, key } = evaluation;
  const mixture = priorOfTasks(model.tasks, imageEncoder(hostEncoderOf(model)));
  const weights = toTensors(model.weights);
  const prior = mixtureTensors(mixture);
  try {
    const nll = await imageNll(context, evaluation, { weights, prior });
    const mean = average(nll);
    const variance = average(nll.map((value) => (value - mean) ** 2));
    const counts = evaluation.classifier
      ? countClasses(evaluation.classifier, drawImages(weights, mixture, generated, derive(key, 'generated')), classes)
      : [];
    const judged = counts.reduce((sum, count) => sum + count, 0);
    const worth = {
      nll: mean,
      nllStandardError: Math.sqrt(variance / nll.length),
      images: nll.length,
      nllByClass: classes.map((label) => average(nll.filter((_, n) => test.labels[n] === label))),
      diversity: judged > 0 ? labelDiversity(counts) : null,
      generatedByClass: counts,
      unseen: evaluation.classifier ? 1 - judged / generated : 0,
      components: mixture.logWeights.length,
    };
    return { worth, picture: pictureOf(drawImages(weights, mixture, pictureSide ** 2, derive(key, 'picture'))) };
  } finally {
    disposeRecord({ ...weights, logWeights: prior.logWeights, codeMean: prior.mean, spread: prior.logVariance });
  }
}

async function imageNll(
  context: JobContext,
  { model: { shape }, test, samples, key, title }: ModelEvaluation,
  { weights, prior }: { readonly weights: TensorRecord; readonly prior: MixtureTensors },
): Promise<Float64Array> {
  const count = countImages(test);
  const each = Math.max(1, Math.floor(rowsAtOnce / samples));
  const result = new Float64Array(count);
  for (let from = 0; from < count; from += each) {
    if (from % (20 * each) === 0) {
      await context.breathe('measuring likelihoods');
      context.report({ phase: `${title}: likelihood`, done: from, total: count, unit: 'images' });
    }
    const chosen = Array.from({ length: Math.min(each, count - from) }, (_, n) => from + n);
    const images = imageTensor(test, chosen);
    const noise = fused().gaussianNoise(derive(key, 'draws', from), [
      chosen.length * samples,
      shape.latent,
    ]) as Tensor2D;
    const values = importanceLogLikelihood({ shape, weights, prior }, images, noise);
    result.set(
      values.dataSync<'float32'>().map((value) => -value),
      from,
    );
    disposeRecord({ images, noise, values });
  }
  return result;
}

/** Bernoulli means of images at codes drawn from the prior, [count, pixels]. */
function drawImages(weights: TensorRecord, mixture: DiagonalMixture, count: number, key: RandomKey): Float32Array {
  const codes = Float32Array.from(sampleMixture(mixture, count, key));
  const means = tidy(() => decodeLogits(denseOf(weights), tensor2d(codes, [count, mixture.dimensions])).sigmoid());
  const values = means.dataSync<'float32'>().slice();
  means.dispose();
  return values;
}

function countClasses(classifier: ImageClassifier, images: Float32Array, classes: readonly number[]): number[] {
  const pixels = classifier.pixels;
  const parameters = toTensors(classifier.parameters);
  const batch = tensor2d(images, [images.length / pixels, pixels]);
  const found = classify(parameters, batch);
  disposeRecord({ ...parameters, batch });
  return classes.map((label) => found.filter((value) => value === label).length);
}

const pictureSide = 10;

/** A square of images, row by row. */
function pictureOf(images: Float32Array): GreyPicture {
  const side = Math.round(Math.sqrt(images.length / pictureSide ** 2));
  const width = pictureSide * side;
  const pixels = new Uint8Array(width * width);
  for (let n = 0; n < images.length; n++) {
    const [place, pixel] = [Math.floor(n / side ** 2), n % side ** 2];
    const y = Math.floor(place / pictureSide) * side + Math.floor(pixel / side);
    pixels[y * width + (place % pictureSide) * side + (pixel % side)] = Math.round(255 * images[n]!);
  }
  return { width, height: width, pixels };
}

const average = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;
