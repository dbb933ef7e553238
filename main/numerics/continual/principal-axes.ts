import { cholesky, solveLower } from '../tensors/cholesky.ts';

/** The leading eigenvectors of a covariance. */
export interface PrincipalAxes {
  /** Variances along the axes. */
  readonly values: Float64Array;
  /** [D, rank], columns of length 1. */
  readonly axes: Float64Array;
  /** Mean variance across all other directions. */
  readonly rest: number;
}

const rounds = 15;

/** Orthogonal iteration from `start` [D, rank]; exact enough for the span, and every column's variance is measured on it. */
export function principalAxes(covariance: Float64Array, D: number, start: Float64Array): PrincipalAxes {
  const rank = start.length / D;
  let axes = orthonormal(start, D, rank);
  for (let round = 0; round < rounds; round++) axes = orthonormal(product(covariance, axes, D, rank), D, rank);
  const moved = product(covariance, axes, D, rank);
  const values = new Float64Array(rank);
  for (let d = 0; d < D; d++) for (let r = 0; r < rank; r++) values[r]! += axes[d * rank + r]! * moved[d * rank + r]!;
  let trace = 0;
  for (let d = 0; d < D; d++) trace += covariance[d * D + d]!;
  const explained = values.reduce((sum, value) => sum + value, 0);
  return { values, axes, rest: Math.max(0, trace - explained) / Math.max(1, D - rank) };
}

function product(matrix: Float64Array, columns: Float64Array, D: number, rank: number): Float64Array {
  const result = new Float64Array(D * rank);
  for (let d = 0; d < D; d++)
    for (let k = 0; k < D; k++) {
      const value = matrix[d * D + k]!;
      for (let r = 0; r < rank; r++) result[d * rank + r]! += value * columns[k * rank + r]!;
    }
  return result;
}

/** Columns made orthonormal by the Cholesky factor of their Gram matrix, twice for accuracy. */
function orthonormal(columns: Float64Array, D: number, rank: number): Float64Array {
  let current = columns;
  for (let pass = 0; pass < 2; pass++) {
    const gram = new Float64Array(rank * rank);
    for (let d = 0; d < D; d++)
      for (let r = 0; r < rank; r++)
        for (let c = 0; c <= r; c++) gram[r * rank + c]! += current[d * rank + r]! * current[d * rank + c]!;
    const factor = cholesky(gram, rank);
    const next = new Float64Array(D * rank);
    for (let d = 0; d < D; d++) next.set(solveLower(factor, current.subarray(d * rank, (d + 1) * rank)), d * rank);
    current = next;
  }
  return current;
}
