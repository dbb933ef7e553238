import { grads as gradsOf, memory, type Tensor, tensor2d, tidy } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { useTensorflow } from '../../../tests/back-end.ts';
import {
  bernoulliLogLikelihood,
  decodeLogits,
  denseOf,
  drawCodes,
  encodeImages,
  gaussianLogDensity,
  type MlpVaeShape,
  mlpVaeStart,
} from '../models/mlp-vae.ts';
import { derive, normals, rootKey, uniforms } from '../tensors/random.ts';
import { disposeRecord, mapRecord, type TensorRecord, toTensors } from '../tensors/tensor-record.ts';
import { addAnchor, anchorGradient, disposeAnchors, fisherDiagonal, noAnchors } from './elastic-anchors.ts';
import { mixtureLogDensity, mixtureTensors } from './mixture-tensors.ts';

const key = rootKey(81);
const shape: MlpVaeShape = { pixels: 6, width: 5, latent: 2, logVarianceRange: [-6, 2] };
const rows = 7;
const drawn = (name: string, count: number, columns: number) =>
  tensor2d(Float32Array.from(normals(derive(key, name), count * columns)), [count, columns]);
const values = (record: TensorRecord) => mapRecord(record, (tensor) => Array.from(tensor.dataSync()));

describe.skipIf(!useTensorflow())('elastic anchors', () => {
  const weights = toTensors(mlpVaeStart(shape, key));
  const names = Object.keys(weights);

  it('have the Fisher information of squared gradients image by image', () => {
    const images = tensor2d(Float32Array.from(uniforms(derive(key, 'images'), rows * shape.pixels)), [
      rows,
      shape.pixels,
    ]);
    const noise = drawn('noise', rows, shape.latent);
    const prior = mixtureTensors({
      dimensions: shape.latent,
      logWeights: Float64Array.of(0.4, 0.6).map(Math.log),
      mean: Float64Array.of(-1, 0, 1, 0.5),
      logVariance: Float64Array.of(0, -0.5, 0.3, 0),
    });
    const before = memory().numTensors;
    const fisher = fisherDiagonal(shape, weights, { images, noise, prior });
    expect(memory().numTensors - before).toBe(names.length);
    const naive: Record<string, number[]> = mapRecord(weights, ({ size }) => Array<number>(size).fill(0));
    for (let n = 0; n < rows; n++) {
      const row = (of: typeof images) => of.slice([n, 0], [1, of.shape[1]]);
      const [image, draw] = [row(images), row(noise)];
      const bound = (...own: Tensor[]) => {
        const dense = denseOf(Object.fromEntries(names.map((name, place) => [name, own[place]!])));
        const code = encodeImages(shape, dense, image);
        const z = drawCodes(code, draw);
        const fit = bernoulliLogLikelihood(decodeLogits(dense, z), image);
        return gaussianLogDensity(code, z).sub(mixtureLogDensity(prior, z)).sub(fit).sum();
      };
      const gradients = gradsOf(bound)(names.map((name) => weights[name]!));
      for (const [place, name] of names.entries())
        for (const [at, slope] of gradients[place]!.dataSync().entries()) naive[name]![at]! += slope ** 2 / rows;
    }
    for (const [name, found] of Object.entries(values(fisher)))
      for (const [at, value] of found.entries()) expect(value).toBeCloseTo(naive[name]![at]!, 3);
    disposeRecord(fisher);
  });

  it('pull towards EVERY past task: the gradient of the sum over tasks of F_t (w - w_t)^2 / 2', () => {
    const task = (n: number) => ({
      weights: mapRecord(weights, (value, name) => value.add(like(value, `weights ${n} ${name}`))),
      fisher: mapRecord(weights, (value, name) => like(value, `fisher ${n} ${name}`).square() as Tensor),
    });
    const tasks = [task(0), task(1), task(2)];
    const anchors = tasks.reduce((sum, one) => addAnchor(sum, one.weights, one.fisher), noAnchors(weights));
    const now = mapRecord(weights, (value, name) => value.add(like(value, `now ${name}`)));
    const found = values(anchorGradient(anchors, now));
    for (const name of names) {
      const expected = tasks.reduce<number[]>((sum, one) => {
        const slope = one.fisher[name]!.mul(now[name]!.sub(one.weights[name]!)).dataSync();
        return sum.map((value, at) => value + slope[at]!);
      }, Array<number>(now[name]!.size).fill(0));
      for (const [at, value] of found[name]!.entries()) expect(value).toBeCloseTo(expected[at]!, 3);
    }
    // were only the first task held, as in the authors' code, the pull would be another one
    const first = values(anchorGradient(addAnchor(noAnchors(weights), tasks[0]!.weights, tasks[0]!.fisher), now));
    const difference = found[names[0]!]!.map((value, at) => Math.abs(value - first[names[0]!]![at]!));
    expect(Math.max(...difference)).toBeGreaterThan(0.1);
  });

  it('of one task vanish where it ended, and taking one over leaves nothing behind', () => {
    const before = memory().numTensors;
    const fisher = mapRecord(weights, (value) => value.square());
    const anchors = addAnchor(noAnchors(weights), weights, fisher);
    const gradient = anchorGradient(anchors, weights);
    for (const own of Object.values(values(gradient))) for (const value of own) expect(value).toBeCloseTo(0, 6);
    disposeRecord(gradient);
    disposeAnchors(anchors);
    disposeRecord(fisher);
    expect(memory().numTensors).toBe(before);
  });
});

const like = (value: Tensor, name: string): Tensor => tidy(() => drawn(name, 1, value.size).reshape(value.shape));
