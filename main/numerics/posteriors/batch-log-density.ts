import { matMul, squaredDifference, type Tensor2D, tensor1d, tensor2d, tidy } from '@tensorflow/tfjs-core';
import { solveUpper } from '../tensors/cholesky.ts';
import { capacityFactor } from './families/low-rank.ts';
import { type GaussianComponent, meanOf, openGaussian } from './gaussian-component.ts';

/** Rows [count, D]. */
export interface Rows {
  readonly values: Float32Array;
  readonly dimensions: number;
}

export const countRows = ({ values, dimensions }: Rows): number => values.length / dimensions;

/** log density of each row, nats. Low-rank components by products of matrices in float32 (to some 1e-6 of the largest square), others one by one. */
export function batchLogDensity(component: GaussianComponent, rows: Rows): Float64Array {
  if (component.family === 'low-rank') return lowRankLogDensity(component, rows);
  const open = openGaussian(component);
  const { values, dimensions: D } = rows;
  return Float64Array.from({ length: countRows(rows) }, (_, n) =>
    open.logDensity(Float64Array.from(values.subarray(n * D, (n + 1) * D))),
  );
}

const blockRows = 4096;

function lowRankLogDensity(component: GaussianComponent, rows: Rows): Float64Array {
  const { dimensions: D, rank: R, parameters } = component;
  const precision = parameters.subarray(D, 2 * D).map((value) => Math.exp(-2 * value));
  const whitening = whiteningOf(component, precision);
  const constant = openGaussian(component).logDensity(Float64Array.from(meanOf(component)));
  const result = new Float64Array(countRows(rows));
  for (let start = 0; start < result.length; start += blockRows) {
    const count = Math.min(blockRows, result.length - start);
    const squares = tidy(() => {
      const x = tensor2d(rows.values.subarray(start * D, (start + count) * D), [count, D]);
      const mean = tensor1d(Float32Array.from(meanOf(component)));
      const own = squaredDifference(x, mean)
        .mul(tensor1d(Float32Array.from(precision)))
        .sum(1);
      const explained = matMul(x.sub(mean) as Tensor2D, tensor2d(whitening, [D, R]))
        .square()
        .sum(1);
      return own.sub(explained);
    });
    result.set(
      squares.dataSync<'float32'>().map((square) => -0.5 * square),
      start,
    );
    squares.dispose();
  }
  return result.map((value) => value + constant);
}

/** S^-2 F L^-T with L L^T = I + F^T S^-2 F, [D, R]: the squared length of (x - mean) times it is what F explains. */
function whiteningOf({ dimensions: D, rank: R, parameters }: GaussianComponent, precision: Float64Array): Float32Array {
  const F = parameters.subarray(2 * D);
  const factor = capacityFactor(
    F,
    precision.map((value) => value ** -0.5),
    R,
  );
  const inverse = Array.from({ length: R }, (_, r) =>
    solveUpper(
      factor,
      Float64Array.from({ length: R }, (_, c) => (c === r ? 1 : 0)),
    ),
  ); // column r of L^-T
  const whitening = new Float32Array(D * R);
  for (let d = 0; d < D; d++)
    for (let r = 0; r < R; r++) {
      let sum = 0;
      for (let c = 0; c <= r; c++) sum += F[d * R + c]! * inverse[r]![c]!;
      whitening[d * R + r] = precision[d]! * sum;
    }
  return whitening;
}
