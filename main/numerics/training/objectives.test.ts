import { memory, oneHot, scalar, type Tensor, type Tensor5D, tensor1d, tensor5d, tidy } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { useTensorflow } from '../../../tests/back-end.ts';
import { kernelVaeStart } from '../models/kernel-vae.ts';
import type { NamedArrays } from '../models/named-arrays.ts';
import type { UnetArchitecture } from '../models/unet-layers.ts';
import { layersOfArrays, randomArrays } from '../models/unet-weights.ts';
import { derive, normals, rootKey } from '../tensors/random.ts';
import { type TensorRecord, toTensors } from '../tensors/tensor-record.ts';
import { type MethodName, trainingMethod } from './methods.ts';

const there = useTensorflow();
const net: UnetArchitecture = { family: 'residual-unet', size: 'short', inputChannels: 1, classes: 3 };
/** Large enough that the deepest norm is over some dozens of voxels: over two it is all but a sign, whose slope no step resolves. */
const sides = [24, 32, 24] as const;
const voxels = sides[0] * sides[1] * sides[2];

/** Batch of two: smooth images whose labels can be seen. */
const batch = () =>
  [1, 2].map((seed) => {
    const noise = normals(rootKey(seed), voxels);
    const labels = Int32Array.from({ length: voxels }, (_, n) => Math.floor(n / 2048) % 3);
    return {
      image: tensor5d(
        Float32Array.from(labels, (label, n) => label + 0.3 * noise[n]!),
        [1, ...sides, 1],
      ),
      truth: tidy(
        () =>
          oneHot(tensor1d(labels, 'int32'), 3)
            .toFloat()
            .reshape([1, ...sides, 3]) as Tensor5D,
      ),
    };
  });

/** A stored prior that was not trained: its densities are as good as any for gradients. Made once. */
let made: NamedArrays | undefined;
const prior = (): NamedArrays => {
  made ??= untrainedPrior();
  return made;
};
const untrainedPrior = (): NamedArrays => {
  const groups = [1, 2, 3, 4, 5, 6, 7].flatMap((group) =>
    Object.entries(kernelVaeStart(0.05, derive(rootKey(3), group))).map(
      ([name, array]) => [`group-${group}/${name}`, array] as const,
    ),
  );
  const start = Object.entries(layersOfArrays(net, randomArrays(net, rootKey(4)))).map(
    ([name, array]) => [`start/${name}`, array] as const,
  );
  const snapshots = [1, 2, 3].flatMap((n) =>
    Object.entries(layersOfArrays(net, randomArrays(net, derive(rootKey(8), n)))).map(
      ([name, array]) => [`snapshot-${n}/${name}`, array] as const,
    ),
  );
  return Object.fromEntries([...groups, ...start, ...snapshots]);
};

/** `toEqual` takes seconds for as many numbers. */
const same = (a: Float32Array, b: Float32Array) => a.length === b.length && a.every((x, n) => x === b[n]);

const methodOf = (name: MethodName, noise: 'weights' | 'activations' = 'weights') =>
  trainingMethod(name, {
    net,
    prior: prior(),
    settings: {
      beta: 0.05,
      noise,
      slicesPerStep: 400,
      start: 'source',
      startDeviation: 0.3,
      posteriorScale: 2,
      diceWeight: 0.99,
      pull: 0.3,
      covarianceScale: 2,
      decay: 0.2,
      lambda: 0,
      defence: 0.01,
    },
    observedVoxels: 2 * voxels,
    key: rootKey(5),
  });

describe.skipIf(!there)('the gradient of each method', () => {
  const cases: readonly (readonly [MethodName, 'weights' | 'activations', readonly string[]])[] = [
    ['dwp', 'weights', ['kernels', 'logVariance', 'points', 'prior/group-2/encoder/heads-bias']],
    ['dwp', 'activations', ['kernels', 'logVariance', 'points', 'prior/group-5/encoder/heads-bias']],
    ['lowrank', 'weights', ['kernels', 'logVariance', 'points']],
    ['pr', 'weights', ['kernels', 'points']],
  ];
  it.each(cases)('%s (noise %s) is that of finite differences of its loss', (name, noise, parameters) => {
    const method = methodOf(name, noise);
    const examples = batch();
    const key = rootKey(6);
    const at = toTensors(method.start());
    const lossAt = (changed: TensorRecord): number => {
      const { gradients, info } = method.objective.gradient({ ...at, ...changed }, examples, key);
      for (const gradient of Object.values(gradients)) gradient.dispose();
      return info['loss']!;
    };
    const { gradients } = method.objective.gradient(at, examples, key);
    for (const parameter of parameters) {
      const gradient = gradients[parameter]!;
      // along the gradient itself the slope is greatest: float32 losses resolve it best
      const length = gradient.norm().dataSync()[0]!;
      const step = Math.min(0.05, 4e-3 / length);
      const moved = (by: number): Tensor => tidy(() => at[parameter]!.add(gradient.mul(scalar(by / length))));
      const slope = (lossAt({ [parameter]: moved(step) }) - lossAt({ [parameter]: moved(-step) })) / (2 * step);
      expect(Math.abs(slope / length - 1), `${parameter}: ${slope} beside ${length}`).toBeLessThan(0.05);
    }
  });

  it('of L2-SP is that of PR and a pull to the start, 0 at the start itself; of a decayed RI a pull to 0', () => {
    const examples = batch();
    const key = rootKey(7);
    const gradientOf = (name: MethodName, from: TensorRecord) =>
      methodOf(name).objective.gradient(from, examples, key).gradients['kernels']!;
    const start = toTensors(methodOf('pr').start());
    const greatest = (a: Tensor, b: Tensor) => a.sub(b).abs().max().dataSync()[0]!;
    expect(greatest(gradientOf('l2sp', start), gradientOf('pr', start))).toBeLessThan(1e-6);
    const away = { ...start, kernels: start['kernels']!.add(scalar(0.01)) };
    expect(greatest(gradientOf('l2sp', away), gradientOf('pr', away).add(scalar(0.003)))).toBeLessThan(1e-5);
    expect(
      greatest(gradientOf('ri', start), gradientOf('pr', start).add(start['kernels']!.mul(scalar(0.2)))),
    ).toBeLessThan(1e-5);
  });

  it('of PRf is 0 but for input, last up block and head', () => {
    const method = methodOf('prf');
    const { gradients } = method.objective.gradient(toTensors(method.start()), batch(), rootKey(8));
    const names = layersOfArrays(net, {
      kernels: gradients['kernels']!.dataSync<'float32'>(),
      points: gradients['points']!.dataSync<'float32'>(),
    });
    for (const [name, { data }] of Object.entries(names)) {
      const trained = name === 'input' || name === 'head' || name.startsWith('up-3/');
      expect(
        data.some((x) => x !== 0),
        name,
      ).toBe(trained);
    }
  });
});

describe.skipIf(!there)('a method', () => {
  it.each(['ri', 'pr', 'prf', 'l2sp', 'dwp', 'lowrank'] as const)('%s holds no tensor once it is disposed', (name) => {
    const before = memory().numTensors;
    const method = methodOf(name);
    const at = toTensors(method.start());
    const examples = batch();
    const { gradients } = method.objective.gradient(at, examples, rootKey(10));
    method.dispose();
    for (const record of [gradients, at, ...examples]) for (const tensor of Object.values(record)) tensor.dispose();
    expect(memory().numTensors).toBe(before);
  });
});

describe.skipIf(!there)('the start of each method', () => {
  it('is the source net with a new head for PR, PRf, L2-SP and DWP; the prior, or N(0, 0.02^2), where asked for', () => {
    const source = prior();
    const kernelsOf = (name: MethodName) => methodOf(name).start()['kernels']!.data;
    expect(same(kernelsOf('pr'), kernelsOf('dwp'))).toBe(true);
    expect(same(kernelsOf('ri'), kernelsOf('pr'))).toBe(false);
    const from = (start: 'prior' | 'normal') => {
      const settings = {
        beta: 1,
        noise: 'weights',
        slicesPerStep: 10,
        start,
        startDeviation: 0.3,
        posteriorScale: 1,
        diceWeight: 0.99,
        covarianceScale: 1,
        pull: 0,
        decay: 0,
        lambda: 0,
        defence: 0.01,
      } as const;
      const values = trainingMethod('dwp', {
        net,
        prior: source,
        settings,
        observedVoxels: 1,
        key: rootKey(9),
      }).start()['kernels']!.data;
      return Math.sqrt(values.reduce((sum, x) => sum + x * x, 0) / values.length);
    };
    expect(from('normal')).toBeCloseTo(0.02, 3);
    expect(from('prior')).toBeGreaterThan(0.03); // the untrained decoder's spread is that of the kernels, 0.05
  });

  it('widens q by the posterior scale at the end', () => {
    const method = methodOf('dwp');
    const start = method.start();
    const posterior = method.posterior(start);
    if (posterior.kind !== 'gaussian') throw new Error('DWP has a Gaussian posterior');
    expect(posterior.logVariance[5]! - start['logVariance']!.data[5]!).toBeCloseTo(2 * Math.LN2, 5);
    expect(same(posterior.mean.kernels, start['kernels']!.data)).toBe(true);
  });

  it("spreads q by a share of each group's kernels", () => {
    const values = methodOf('dwp').start()['logVariance']!.data;
    for (const value of values.subarray(0, 100)) expect(value).toBeCloseTo(2 * Math.log(0.3 * 0.05), 4);
  });
});
