import * as tf from '@tensorflow/tfjs-core';
import { customGrad, engine, type Tensor, type Tensor5D, tidy } from '@tensorflow/tfjs-core';
import type { FusedFunctions } from '../../numerics/tensors/fused/fused-functions.ts';
import { normalisationEpsilon } from '../../numerics/tensors/fused/normalise-and-activate.ts';
import { type RandomKey, seedPair } from '../../numerics/tensors/random.ts';

/** TensorFlow's attribute types, by their numbers in its C interface (c_api.h: TF_ATTR_*, TF_DataType). */
const attribute = { int: 1, float: 2, bool: 3, type: 4, string: 0 } as const;
const dataType = { float32: 1, int32: 3 } as const;

interface Attribute {
  readonly name: string;
  readonly type: number;
  readonly value: unknown;
}

/** The part of tfjs-node's back end that reaches any TensorFlow op. */
interface OpExecutor {
  executeSingleOutput(name: string, attributes: readonly Attribute[], inputs: readonly Tensor[]): Tensor;
  executeMultipleOutputs(
    name: string,
    attributes: readonly Attribute[],
    inputs: readonly Tensor[],
    outputs: number,
  ): Tensor[];
}

type GradSaveFunc = (tensors: Tensor[]) => void;

const executor = () => engine().backend as unknown as OpExecutor; // these forms are registered for that back end alone
const float32 = (name = 'T'): Attribute => ({ name, type: attribute.type, value: dataType.float32 });
const int32 = (name: string): Attribute => ({ name, type: attribute.type, value: dataType.int32 });
const flag = (name: string, value: boolean): Attribute => ({ name, type: attribute.bool, value });

const normAttributes: readonly Attribute[] = [
  float32(),
  float32('U'),
  { name: 'epsilon', type: attribute.float, value: normalisationEpsilon },
  { name: 'data_format', type: attribute.string, value: 'NHWC' },
  flag('is_training', true),
];

/** FusedBatchNormV3 over one sample is instance norm; ReLU and its gradient follow from the output. */
function normaliseSample(sample: Tensor5D): Tensor5D {
  const [, D, H, W, C] = sample.shape;
  const flat: [number, number, number, number] = [1, D * H, W, C];
  const run = customGrad((x, save) => {
    const x4 = (x as Tensor5D).reshape(flat);
    const [scale, offset, none] = [tf.ones([C]), tf.zeros([C]), tf.zeros([0])];
    const [y, , , mean, inverse, reserve] = executor().executeMultipleOutputs(
      'FusedBatchNormV3',
      [...normAttributes, { name: 'exponential_avg_factor', type: attribute.float, value: 1 }],
      [x4, scale, offset, none, none],
      6,
    ) as [Tensor, Tensor, Tensor, Tensor, Tensor, Tensor];
    const active = y.relu();
    (save as GradSaveFunc)([x4, active, mean, inverse, reserve]);
    const gradFunc = (dy: Tensor, saved: Tensor[]) => {
      const [input, output, m, v, r] = saved as [Tensor, Tensor, Tensor, Tensor, Tensor];
      const masked = executor().executeSingleOutput('ReluGrad', [float32()], [dy.reshape(flat), output]);
      const [dx] = executor().executeMultipleOutputs(
        'FusedBatchNormGradV3',
        normAttributes,
        [masked, input, tf.ones([C]), m, v, r],
        5,
      );
      return dx!.reshape(sample.shape);
    };
    return { value: active.reshape(sample.shape), gradFunc };
  });
  return run(sample) as Tensor5D;
}

/** See FusedFunctions; samples one by one, since the norm is over one sample. */
function normaliseAndActivate(x: Tensor5D): Tensor5D {
  if (x.shape[0] === 1) return normaliseSample(x);
  return tidy(() =>
    tf.concat(
      tf.split(x, x.shape[0], 0).map((sample) => normaliseSample(sample as Tensor5D)),
      0,
    ),
  );
}

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
export const tensorflowFunctions: FusedFunctions = { normaliseAndActivate, upsample, gaussianNoise };
