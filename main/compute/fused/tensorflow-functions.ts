import * as tf from '@tensorflow/tfjs-core';
import { customGrad, type Tensor, type Tensor5D, tidy } from '@tensorflow/tfjs-core';
import type { FusedFunctions } from '../../numerics/tensors/fused/fused-functions.ts';
import { type RandomKey, seedPair } from '../../numerics/tensors/random.ts';
import { adamUpdate } from './adam-update.ts';
import { normaliseAndActivate, normalisedConvolution, normalisedLocalReparameterisation } from './normalised-layers.ts';
import { segmentationLoss } from './segmentation-loss.ts';
import { type Attribute, executor, flag, float32, type GradSaveFunc, int32 } from './tensorflow-ops.ts';

const resizeAttributes: readonly Attribute[] = [
  float32(),
  flag('align_corners', false),
  flag('half_pixel_centers', true),
];

/** ResizeBilinear with its true gradient: tfjs-node's own forgets `half_pixel_centers`. [N, H, W, C] to `size`. */
function resizeBilinear(x: Tensor, size: readonly [number, number]): Tensor {
  const run = customGrad((image, save) => {
    const value = executor().executeSingleOutput('ResizeBilinear', resizeAttributes, [
      image as Tensor,
      tf.tensor1d([...size], 'int32'),
    ]);
    (save as GradSaveFunc)([image as Tensor]);
    const gradFunc = (dy: Tensor, saved: Tensor[]) =>
      executor().executeSingleOutput('ResizeBilinearGrad', resizeAttributes, [dy, saved[0]!]);
    return { value, gradFunc };
  });
  return run(x);
}

function upsample(x: Tensor5D): Tensor5D {
  const [B, D, H, W, C] = x.shape;
  return tidy(() => {
    const plane = resizeBilinear(x.reshape([B * D, H, W, C]), [2 * H, 2 * W]); // [B*D, 2H, 2W, C]
    const columns = plane.reshape([B, D, 4 * H * W, C]);
    return resizeBilinear(columns, [2 * D, 4 * H * W]).reshape([B, 2 * D, 2 * H, 2 * W, C]);
  });
}

/** StatelessRandomNormal: the same pair gives the same values, in any order of calls. */
function gaussianNoise(key: RandomKey, shape: readonly number[]): Tensor {
  return tidy(() =>
    executor().executeSingleOutput(
      'StatelessRandomNormal',
      [float32('dtype'), int32('T'), int32('Tseed')],
      [tf.tensor1d([...shape], 'int32'), tf.tensor1d([...seedPair(key)], 'int32')],
    ),
  );
}

/** The forms for the `tensorflow` back end, made of single TensorFlow ops. */
export const tensorflowFunctions: FusedFunctions = {
  normaliseAndActivate,
  normalisedConvolution,
  normalisedLocalReparameterisation,
  upsample,
  gaussianNoise,
  segmentationLoss,
  adamUpdate,
};
