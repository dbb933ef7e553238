import { memory, type Tensor1D, type Tensor2D } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { useTensorflow } from '../../../tests/back-end.ts';
import reference from '../../../tests/references/unet-two-steps.json' with { type: 'json' };
import { referenceExample, referenceNet, referenceSides, referenceStart } from '../../compute/self-test.ts';
import { countWeights, filtersOf } from '../models/unet-weights.ts';
import { convolveWith, unetLogits } from '../models/unet3d.ts';
import { rootKey } from '../tensors/random.ts';
import { pointObjective } from './point-objective.ts';
import { segmentationGradient } from './segmentation-gradient.ts';
import { disposeTraining, restoreTraining, startTraining, trainingArrays, trainingStep } from './training.ts';

const there = useTensorflow();
const net = referenceNet;
const [D, H, W] = referenceSides;

const bytesOf = (data: Float32Array) => Buffer.from(data.buffer, data.byteOffset, data.byteLength);

describe.skipIf(!there)('training', () => {
  it('two steps give the losses, logits and gradients of PyTorch', () => {
    let state = startTraining(referenceStart());
    const weights = state.parameters as unknown as { kernels: Tensor2D; points: Tensor1D };
    const one = referenceExample();
    const logits = unetLogits(net, convolveWith(filtersOf(net, weights)), one.image).dataSync();
    const stride = Math.floor((D * H * W * 3) / 40);
    for (const [n, expected] of reference.firstLogits.entries())
      expect(Math.abs(logits[n * stride]! - expected)).toBeLessThan(2e-3);
    const gradient = segmentationGradient(net, weights, one);
    const byLayer = filtersOf(net, gradient);
    for (const [name, norm] of Object.entries(reference.gradientNorms))
      expect(Math.abs(byLayer[name]!.norm().dataSync()[0]! / norm - 1), name).toBeLessThan(5e-3);
    const losses: number[] = [];
    for (let step = 0; step < 3; step++) {
      const result = trainingStep(pointObjective(net), state, [one], { rate: 1e-3, key: rootKey(0) });
      losses.push(result.info['loss']!);
      state = result.state;
    }
    for (const [n, expected] of reference.losses.entries())
      expect(Math.abs(losses[n]! - expected)).toBeLessThan(n === 0 ? 1e-5 : 2e-3);
  });

  it('goes on from saved arrays with the same bytes, and leaks nothing', () => {
    const one = referenceExample();
    const steps = (from: ReturnType<typeof startTraining>, count: number) => {
      let state = from;
      for (let n = 0; n < count; n++)
        state = trainingStep(pointObjective(net), state, [one], { rate: 1e-3, key: rootKey(n) }).state;
      return state;
    };
    const before = memory().numTensors;
    const whole = steps(startTraining(referenceStart()), 3);
    const half = steps(startTraining(referenceStart()), 1);
    const resumed = steps(restoreTraining(trainingArrays(half), 1), 2);
    const wanted = trainingArrays(whole);
    for (const [name, { data }] of Object.entries(trainingArrays(resumed)))
      expect(Buffer.compare(bytesOf(data), bytesOf(wanted[name]!.data)), name).toBe(0);
    for (const state of [whole, half, resumed]) disposeTraining(state);
    expect(memory().numTensors).toBe(before);
  });
});

describe('the network', () => {
  it('has the weights of its publication', () => {
    const two = { ...net, classes: 2 };
    expect(countWeights(two)).toEqual({ slices: 26_640, points: 7_200 });
    expect(countWeights({ ...two, size: 'full' })).toEqual({ slices: 184_336, points: 21_536 });
  });
});
