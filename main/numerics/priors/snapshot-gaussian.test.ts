import { memory, tensor2d } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { useTensorflow } from '../../../tests/back-end.ts';
import { cholesky, solveLower, solveUpper } from '../tensors/cholesky.ts';
import { derive, normals, rootKey } from '../tensors/random.ts';
import { disposeSnapshotGaussian, openSnapshotGaussian, snapshotDivergence } from './snapshot-gaussian.ts';

const shape: [number, number] = [27, 2];
const size = 54;
const draw = (name: string, deviation: number) =>
  Float32Array.from(normals(derive(rootKey(1), name), size), (x) => deviation * x);
const snapshots = ['a', 'b', 'c', 'd'].map((name) => draw(name, 0.1));
const scale = 3;

/** The same Gaussian with its whole covariance written out. */
function written() {
  const mean = Float64Array.from({ length: size }, (_, n) => snapshots.reduce((sum, one) => sum + one[n]! / 4, 0));
  const away = snapshots.map((one) => mean.map((middle, n) => one[n]! - middle));
  const covariance = new Float64Array(size * size);
  for (let r = 0; r < size; r++)
    for (let c = 0; c < size; c++) {
      const shared = away.reduce((sum, one) => sum + one[r]! * one[c]!, 0);
      covariance[r * size + c] = scale * 0.5 * (shared / 3 + (r === c ? shared / 4 : 0));
    }
  return { mean, factor: cholesky(covariance, size) };
}

function divergenceByHand(kernels: ArrayLike<number>, logVariance: ArrayLike<number>): number {
  const { mean, factor } = written();
  let twice = -size;
  const offset = mean.map((middle, n) => kernels[n]! - middle);
  for (const value of solveLower(factor, offset)) twice += value ** 2;
  for (let n = 0; n < size; n++) {
    const unit = new Float64Array(size);
    unit[n] = 1;
    twice += Math.exp(logVariance[n]!) * solveUpper(factor, solveLower(factor, unit))[n]!;
    twice += 2 * Math.log(factor[n * size + n]!) - logVariance[n]!;
  }
  return twice / 2;
}

describe.skipIf(!useTensorflow())('a Gaussian through snapshots', () => {
  const kernels = draw('kernels', 0.2);
  const logVariance = draw('variance', 0.5).map((value) => value - 4);

  it('has the divergence of its covariance written out, and its gradients', () => {
    const prior = openSnapshotGaussian(snapshots, shape, scale);
    const { divergence, gradients } = snapshotDivergence(prior, {
      kernels: tensor2d(kernels, shape),
      logVariance: tensor2d(logVariance, shape),
    });
    const exact = divergenceByHand(kernels, logVariance);
    expect(Math.abs(divergence.dataSync()[0]! / exact - 1)).toBeLessThan(1e-4);
    for (const [name, of] of [
      ['kernels', (values: Float64Array) => divergenceByHand(values, logVariance)],
      ['logVariance', (values: Float64Array) => divergenceByHand(kernels, values)],
    ] as const) {
      const at = Float64Array.from(name === 'kernels' ? kernels : logVariance);
      const gradient = gradients[name]!.dataSync();
      for (const n of [0, 7, 30, 53]) {
        const slope = (of(at.with(n, at[n]! + 1e-5)) - of(at.with(n, at[n]! - 1e-5))) / 2e-5;
        expect(Math.abs(gradient[n]! - slope), `${name} ${n}`).toBeLessThan(1e-3 * Math.abs(slope) + 1e-3);
      }
    }
  });

  it('is nowhere nearer than at its own mean, with its own conditional variances', () => {
    const prior = openSnapshotGaussian(snapshots, shape, scale);
    const best = { kernels: prior.mean, logVariance: prior.inverseDiagonal.log().neg() };
    const { gradients } = snapshotDivergence(prior, best);
    for (const gradient of Object.values(gradients))
      expect(Math.max(...gradient.abs().dataSync<'float32'>())).toBeLessThan(1e-4);
  });

  it('needs two snapshots, takes weights that never move, and frees what it holds', () => {
    expect(() => openSnapshotGaussian(snapshots.slice(0, 1), shape, 1)).toThrow('two snapshots');
    const before = memory().numTensors;
    const still = openSnapshotGaussian([snapshots[0]!, snapshots[0]!], shape, 1);
    expect(Number.isFinite(still.logDeterminant)).toBe(true);
    disposeSnapshotGaussian(still);
    expect(memory().numTensors).toBe(before);
  });
});
