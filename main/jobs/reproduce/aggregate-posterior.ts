import { tidy } from '@tensorflow/tfjs-core';
import type { AggregatePosterior } from '../../numerics/continual/boosting.ts';
import type { HostEncoder } from '../../numerics/continual/host-encoder.ts';
import { denseOf, encodeImages } from '../../numerics/models/mlp-vae.ts';
import { derive, type RandomKey, shuffled } from '../../numerics/tensors/random.ts';
import { disposeRecord, toTensors } from '../../numerics/tensors/tensor-record.ts';
import { countImages, type DigitImages, greyLevels, imageTensor } from './digit-images.ts';

/** A random subset of images and q(z|x) of each, equally weighted: what stands for the aggregate posterior of a task. */
export function aggregatePosterior(
  { shape, weights }: HostEncoder,
  images: DigitImages,
  subset: number,
  key: RandomKey,
): AggregatePosterior {
  const chosen = shuffled(derive(key, 'subset'), countImages(images)).slice(0, subset);
  const live = toTensors(weights);
  const batch = imageTensor(images, chosen);
  const { mean, logVariance } = tidy(() => ({ ...encodeImages(shape, denseOf(live), batch) }));
  const codes = {
    mean: Float64Array.from(mean.dataSync<'float32'>()),
    logVariance: Float64Array.from(logVariance.dataSync<'float32'>()),
  };
  disposeRecord({ ...live, batch, mean, logVariance });
  return {
    images: greyLevels(images, chosen),
    codes: {
      dimensions: shape.latent,
      logWeights: new Float64Array(chosen.length).fill(-Math.log(chosen.length)),
      ...codes,
    },
  };
}
