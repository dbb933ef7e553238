import { memory } from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { useTensorflow } from '../../../tests/back-end.ts';
import { finiteDifferences, relativeDistance } from '../../../tests/finite-differences.ts';
import { lenetStart, lenetWeightCount } from '../models/lenet5.ts';
import { derive, normals, rootKey, uniforms } from '../tensors/random.ts';
import { classify, logLikelihoodGradient } from './classifier-gradient.ts';
import { type Anchor, anchorGradient, anchorOf } from './elastic-weights.ts';
import { batchesOf, gatherImages, imagePixels, type LabelledImages, pixelRows, pooledRows } from './labelled-images.ts';
import { pointInit, pointStep, taskTarget } from './task-steps.ts';

const there = useTensorflow();

/** Bars at a height that the class says, with noise. */
function madeImages(count: number, seed: number): LabelledImages {
  const labels = Uint8Array.from(uniforms(derive(rootKey(seed), 'labels'), count), (u) => Math.floor(10 * u));
  const noise = uniforms(derive(rootKey(seed), 'noise'), count * imagePixels);
  const pixels = Uint8Array.from(noise, (u, n) => {
    const row = Math.floor((n % imagePixels) / 28);
    return (row >> 1) - 2 === labels[Math.floor(n / imagePixels)] ? 200 + 50 * u : 60 * u;
  });
  return { pixels, labels };
}

describe('images as rows', () => {
  test('are pooled over squares of two by two, the whole brightness kept', () => {
    const images = madeImages(3, 1);
    const [fine, coarse] = [pixelRows(images), pooledRows(images)];
    expect([fine.dimensions, coarse.dimensions]).toEqual([784, 196]);
    const sum = (values: Float32Array) => values.reduce((total, value) => total + value, 0);
    expect(sum(coarse.values) * 4).toBeCloseTo(sum(fine.values), 2);
    const at = (y: number, x: number) => fine.values[2 * 784 + y * 28 + x]!;
    expect(coarse.values[2 * 196 + 5 * 14 + 9]).toBeCloseTo((at(10, 18) + at(10, 19) + at(11, 18) + at(11, 19)) / 4, 5);
  });

  test('come in batches that hold every image once at most', () => {
    const batches = batchesOf(103, 20, rootKey(1));
    expect(batches.map((batch) => batch.length)).toEqual([20, 20, 20, 20, 20]);
    expect(new Set(batches.flat()).size).toBe(100);
    expect(batchesOf(7, 20, rootKey(1))).toHaveLength(1);
  });
});

describe.skipIf(!there)('LeNet-5 on a task', () => {
  const images = madeImages(40, 2);
  const weights = lenetStart(rootKey(3));

  test('has the gradient of its log likelihood that differences find, in each layer', () => {
    const { gradient } = logLikelihoodGradient(weights, images);
    // first and last filters, biases and dense weights of every layer
    for (const at of [
      [0, 156],
      [156, 2572],
      [2572, 50692],
      [50692, 60856],
      [60856, lenetWeightCount],
    ] as const) {
      const direction = normals(derive(rootKey(4), at[0]), lenetWeightCount).map((value, w) =>
        w >= at[0] && w < at[1] ? value : 0,
      );
      const along = (step: Float64Array): number =>
        logLikelihoodGradient(
          weights.map((weight, w) => weight + step[0]! * direction[w]!),
          images,
        ).value;
      const slope = gradient.reduce((sum, value, w) => sum + value * direction[w]!, 0);
      const [found] = finiteDifferences(along, Float64Array.of(0), 1e-4); // short: ReLU and pooling have kinks
      expect(Math.abs(found! - slope)).toBeLessThan(0.03 * Math.abs(slope) + 0.2);
      expect(Math.abs(slope)).toBeGreaterThan(3);
    }
  });

  test('classifies each image by itself: alone as among others', () => {
    const { probabilities, features } = classify(weights, images);
    const alone = classify(weights, gatherImages(images, [17]));
    expect(relativeDistance(alone.probabilities, probabilities.subarray(170, 180))).toBeLessThan(1e-5);
    expect(relativeDistance(alone.features, features.subarray(17 * 84, 18 * 84))).toBeLessThan(1e-5);
    for (let n = 0; n < 40; n++) {
      const total = probabilities.subarray(10 * n, 10 * n + 10).reduce((sum, value) => sum + value, 0);
      expect(total).toBeCloseTo(1, 5);
    }
  });

  test('learns the task by steps that depend on their arguments alone', () => {
    const settings = {
      prior: { priorDeviation: 0.3, images: 40 },
      hold: { anchors: [], strength: 0 },
      rate: 1e-3,
    };
    const before = memory().numTensors;
    let state = pointInit(weights);
    for (let step = 0; step < 40; step++) state = pointStep(state, images, settings);
    expect(memory().numTensors).toBe(before);
    const ours = (of: Float64Array) => logLikelihoodGradient(of, images).value / 40;
    expect(ours(state.weights)).toBeGreaterThan(ours(weights) + 1);
    expect(pointStep(state, images, settings)).toEqual(pointStep(state, images, settings));
  });

  test('has a target whose batches, each taken once, make up the whole', () => {
    const prior = { priorDeviation: 0.5, images: 40 };
    const whole = taskTarget(images, prior)(weights, rootKey(0));
    const halves = [0, 1].map((half) =>
      taskTarget(
        gatherImages(
          images,
          Array.from({ length: 20 }, (_, n) => 20 * half + n),
        ),
        prior,
      )(weights, rootKey(0)),
    );
    expect((halves[0]!.value + halves[1]!.value) / 2 / whole.value).toBeCloseTo(1, 5);
    const mean = halves[0]!.gradient.map((value, w) => (value + halves[1]!.gradient[w]!) / 2);
    expect(relativeDistance(mean, whole.gradient)).toBeLessThan(1e-4);
  });
});

describe('elastic anchors', () => {
  const anchor = (seed: number, images: number): Anchor => ({
    weights: normals(derive(rootKey(seed), 'weights'), 5),
    fisher: uniforms(derive(rootKey(seed), 'fisher'), 5),
    images,
  });

  test('pull by the gradient of their penalty, every past task by its own', () => {
    const anchors = [anchor(1, 100), anchor(2, 50), anchor(3, 70)];
    const weights = normals(rootKey(9), 5);
    const penalty = (at: Float64Array): number =>
      anchors.reduce(
        (sum, one) =>
          sum + 0.5 * 2.5 * one.images * at.reduce((all, w, n) => all + one.fisher[n]! * (w - one.weights[n]!) ** 2, 0),
        0,
      );
    expect(relativeDistance(anchorGradient(weights, anchors, 2.5), finiteDifferences(penalty, weights))).toBeLessThan(
      1e-6,
    );
    expect(anchorGradient(weights, anchors.slice(0, 1), 2.5)).not.toEqual(anchorGradient(weights, anchors, 2.5));
  });

  test.skipIf(!there)('measure Fisher information image by image: not the square of a mean', () => {
    const images = madeImages(30, 5);
    const weights = lenetStart(rootKey(6));
    const { fisher, images: count } = anchorOf(weights, images, 30, rootKey(7));
    expect(count).toBe(30);
    expect(fisher.every((value) => value >= 0)).toBe(true);
    // of the last biases the information of one image is p (1 - p) on average over labels drawn from p
    const { probabilities } = classify(weights, images);
    for (const label of [0, 4, 9]) {
      const own = Array.from({ length: 30 }, (_, n) => probabilities[10 * n + label]!);
      const expected = own.reduce((sum, p) => sum + p * (1 - p), 0) / 30;
      const spread = Math.sqrt(own.reduce((sum, p) => sum + p * (1 - p) * (1 - 2 * p) ** 2, 0)) / 30;
      expect(Math.abs(fisher[lenetWeightCount - 10 + label]! - expected)).toBeLessThan(4 * spread);
    }
  });
});
