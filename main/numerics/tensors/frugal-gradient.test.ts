import {
  customGrad,
  engine,
  grads,
  memory,
  randomNormal,
  type Tensor,
  type Tensor2D,
  valueAndGrads,
} from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { useTensorflow } from '../../../tests/back-end.ts';
import { frugalValueAndGrads } from './frugal-gradient.ts';

const there = useTensorflow();

/** Passes the gradient of its output on as that of its first input, the same tensor. */
const addPassing = (a: Tensor, b: Tensor): Tensor =>
  customGrad((a, b) => ({
    value: (a as Tensor).add(b as Tensor),
    gradFunc: ((dy: Tensor) => [dy, dy.clone()]) as never,
  }))(a, b);

/** A deep function whose values branch, meet, split, and are passed on unchanged. */
const f = (x: Tensor, w: Tensor): Tensor => {
  let a = x;
  for (let layer = 0; layer < 6; layer++) {
    const wide = (a as Tensor2D).matMul(w as Tensor2D).tanh();
    const [left, right] = wide.split(2, 1) as [Tensor, Tensor];
    const mixed = addPassing(left.mul(right), addPassing(left, a.slice([0, 0], [64, 16]))).concat(right.neg(), 1);
    a = mixed.add(a).clone();
  }
  return a.square().mean();
};

describe.skipIf(!there)('gradients that let go of what they have used', () => {
  const x = randomNormal([64, 32], 0, 1, 'float32', 1);
  const w = randomNormal([32, 32], 0, 0.3, 'float32', 2);

  it('are those of tfjs, to the bit', () => {
    const [frugal, plain] = [frugalValueAndGrads(f), valueAndGrads(f)].map((gradient) => gradient([x, w]));
    expect(frugal!.value.dataSync()).toEqual(plain!.value.dataSync());
    for (const n of [0, 1]) {
      const expected = plain!.grads[n]!.dataSync();
      expect(Math.max(...expected.map(Math.abs))).toBeGreaterThan(1e-3);
      expect(frugal!.grads[n]!.dataSync()).toEqual(expected);
    }
  });

  it('hold hardly more on the way back than before it, and leave nothing', () => {
    const growth = (gradientOf: typeof frugalValueAndGrads) => {
      const before = memory().numTensors;
      const watched = engine() as unknown as { startScope(name?: string): void };
      const { startScope } = watched;
      let [forward, peak] = [0, 0];
      watched.startScope = function (name) {
        peak = Math.max(peak, memory().numTensors);
        startScope.call(this, name);
      };
      try {
        const { value, grads } = gradientOf((...inputs) => {
          const result = f(inputs[0]!, inputs[1]!);
          [forward, peak] = [memory().numTensors, 0];
          return result;
        })([x, w]);
        for (const tensor of [value, ...grads]) tensor.dispose();
      } finally {
        watched.startScope = startScope;
      }
      expect(memory().numTensors).toBe(before);
      return peak - forward;
    };
    const plain = growth(valueAndGrads);
    expect(plain).toBeGreaterThan(10);
    expect(growth(frugalValueAndGrads)).toBeLessThan(plain / 3);
  });

  it('are plain ones within another gradient', () => {
    const inner = (x: Tensor): Tensor => frugalValueAndGrads(f)([x, w]).grads[0]!.square().sum();
    expect(() => grads(inner)([x])).not.toThrow();
  });
});
