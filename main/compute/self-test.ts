import {
  conv3d,
  maxPool3d,
  oneHot,
  type Scalar,
  type Tensor5D,
  tensor1d,
  tensor5d,
  tidy,
  variable,
  variableGrads,
} from '@tensorflow/tfjs-core';
import type { NamedArrays } from '../numerics/models/named-arrays.ts';
import { type UnetArchitecture, unetLayers } from '../numerics/models/unet-layers.ts';
import { arraysOfLayers, countWeights, kernelVoxels } from '../numerics/models/unet-weights.ts';
import { rootKey } from '../numerics/tensors/random.ts';
import { pointObjective } from '../numerics/training/point-objective.ts';
import type { Example } from '../numerics/training/segmentation-gradient.ts';
import { disposeTraining, startTraining, trainingStep } from '../numerics/training/training.ts';

export const referenceNet: UnetArchitecture = { family: 'residual-unet', size: 'short', inputChannels: 1, classes: 3 };
export const referenceSides = [16, 24, 16] as const;
/** Loss before the first, second and third Adam step of 1e-3, by PyTorch (scripts/make-unet-reference.py). */
export const referenceLosses: readonly number[] = [0.6748963034188348, 0.6472392533849793, 0.6390546793292249];
/**
 * The example is badly conditioned (its deepest norms are over 12 voxels of almost one value), so that gradients of one thread and
 * of two differ by some per cent, and losses by 5e-4 after a step.
 */
const lossTolerances: readonly number[] = [1e-5, 2e-3, 2e-3];

/** Weights by the formula of scripts/make-unet-reference.py. */
export function referenceStart(): NamedArrays {
  const places = new Map(unetLayers(referenceNet).map(({ name }, place) => [name, place]));
  const { kernels, points } = arraysOfLayers(referenceNet, ({ name, kernelSize, inChannels, outChannels }) => {
    const scale = Math.sqrt(2 / (kernelSize ** 3 * inChannels)) * Math.SQRT2;
    return Float32Array.from(
      { length: kernelSize ** 3 * inChannels * outChannels },
      (_, n) => Math.sin(0.7 * n + places.get(name)!) * scale,
    );
  });
  return {
    kernels: { shape: [kernelVoxels, countWeights(referenceNet).slices], data: kernels },
    points: { shape: [points.length], data: points },
  };
}

/** Image and labels by the formulas of scripts/make-unet-reference.py; the caller disposes both. */
export function referenceExample(): Example {
  const [D, H, W] = referenceSides;
  const image = Float32Array.from({ length: D * H * W }, (_, n) => Math.cos(0.05 * n * (1 + (n % 7))));
  const labels = Int32Array.from({ length: D * H * W }, (_, n) => Math.floor(n / 96) % 3);
  return {
    image: tensor5d(image, [1, D, H, W, 1]),
    truth: tidy(() => oneHot(tensor1d(labels, 'int32'), 3).toFloat().reshape([1, D, H, W, 3]) as Tensor5D),
  };
}

/** Names what the present back end computes wrongly; empty where it is sound. Under 2 s on two cores. */
export function selfTest(): readonly string[] {
  const checks: readonly (readonly [string, () => boolean])[] = [
    ['the gradient of a 3-D convolution', convolutionGradientIsRight],
    ['maximum pooling of negative numbers', poolingIsRight],
    ['two training steps of the U-Net', trainingIsRight],
  ];
  return checks.flatMap(([name, isRight]) => {
    try {
      return isRight() ? [] : [name];
    } catch (error) {
      return [`${name} (${error instanceof Error ? error.message.split('\n')[0] : String(error)})`];
    }
  });
}

/** Sum of a strided and a plain convolution against a loop: depth 5 > kernel 3 and stride 2 are where stock wasm fails. */
function convolutionGradientIsRight(): boolean {
  return ([1, 2] as const).every((stride) => {
    const side = 5;
    const values = Float32Array.from({ length: side ** 3 }, (_, n) => Math.sin(n));
    const filter = Float32Array.from({ length: 27 }, (_, n) => Math.cos(n));
    const expected = convolutionGradients(values, filter, side, stride);
    const close = tidy(() => {
      const x = variable(tensor5d(values, [1, side, side, side, 1]));
      const w = variable(tensor5d(filter, [3, 3, 3, 1, 1]));
      const { grads } = variableGrads(
        () =>
          conv3d(x as Tensor5D, w as Tensor5D, stride, 'same')
            .square()
            .sum() as Scalar,
        [x, w],
      );
      const near = (found: ArrayLike<number>, wanted: Float64Array) =>
        wanted.every((value, n) => Math.abs(found[n]! - value) < 1e-3);
      const sound =
        near(grads[x.name]!.dataSync(), expected.values) && near(grads[w.name]!.dataSync(), expected.filter);
      x.dispose();
      w.dispose();
      return sound;
    });
    return close;
  });
}

/** Gradient of the sum of squares of a `same` convolution, by loops. */
function convolutionGradients(
  values: Float32Array,
  filter: Float32Array,
  side: number,
  stride: 1 | 2,
): { readonly values: Float64Array; readonly filter: Float64Array } {
  const out = Math.ceil(side / stride);
  const before = Math.floor(Math.max(0, (out - 1) * stride + 3 - side) / 2);
  const result = { values: new Float64Array(values.length), filter: new Float64Array(27) };
  const places = Array.from(
    { length: out ** 3 },
    (_, n) => [Math.floor(n / out ** 2), Math.floor(n / out) % out, n % out] as const,
  );
  for (const [d, h, w] of places) {
    const taps: [number, number][] = [];
    for (let tap = 0; tap < 27; tap++) {
      const at = [
        d * stride + Math.floor(tap / 9) - before,
        h * stride + (Math.floor(tap / 3) % 3) - before,
        w * stride + (tap % 3) - before,
      ] as const;
      if (at.every((x) => x >= 0 && x < side)) taps.push([tap, (at[0] * side + at[1]) * side + at[2]]);
    }
    const sum = taps.reduce((total, [tap, voxel]) => total + filter[tap]! * values[voxel]!, 0);
    for (const [tap, voxel] of taps) {
      result.values[voxel]! += 2 * sum * filter[tap]!;
      result.filter[tap]! += 2 * sum * values[voxel]!;
    }
  }
  return result;
}

function poolingIsRight(): boolean {
  return tidy(() => {
    const values = Float32Array.from({ length: 64 }, (_, n) => -1 - n);
    const found = maxPool3d(tensor5d(values, [1, 4, 4, 4, 1]), 2, 2, 'valid').dataSync();
    const expected = [0, 2, 8, 10, 32, 34, 40, 42].map((n) => values[n]!);
    return expected.every((value, n) => found[n] === value);
  });
}

function trainingIsRight(): boolean {
  let state = startTraining(referenceStart());
  const one = referenceExample();
  const losses = referenceLosses.map(() => {
    const { state: next, info } = trainingStep(pointObjective(referenceNet), state, [one], {
      rate: 1e-3,
      key: rootKey(0),
    });
    state = next;
    return info['loss']!;
  });
  disposeTraining(state);
  one.image.dispose();
  one.truth.dispose();
  return referenceLosses.every((loss, n) => Math.abs(loss - losses[n]!) < lossTolerances[n]!);
}
