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
  let trace = 0;
  for (let d = 0; d < D; d++) trace += covariance[d * D + d]!;
  const shift = 1e-9 * trace + 1e-12; // the same axes, and columns that stay apart where fewer rows than axes were seen
  let axes = orthonormal(start, D, rank);
  for (let round = 0; round < rounds; round++) {
    const turned = product(covariance, axes, D, rank);
    axes = orthonormal(
      turned.map((value, n) => value + shift * axes[n]!),
      D,
      rank,
    );
  }
  const moved = product(covariance, axes, D, rank);
  const values = new Float64Array(rank);
  for (let d = 0; d < D; d++) for (let r = 0; r < rank; r++) values[r]! += axes[d * rank + r]! * moved[d * rank + r]!;
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

/** Columns made orthonormal by Gram and Schmidt, twice for accuracy: also where columns are all but dependent. */
function orthonormal(columns: Float64Array, D: number, rank: number): Float64Array {
  const current = columns.slice();
  for (let pass = 0; pass < 2; pass++)
    for (let r = 0; r < rank; r++) {
      for (let before = 0; before < r; before++) {
        let along = 0;
        for (let d = 0; d < D; d++) along += current[d * rank + r]! * current[d * rank + before]!;
        for (let d = 0; d < D; d++) current[d * rank + r]! -= along * current[d * rank + before]!;
      }
      let square = 0;
      for (let d = 0; d < D; d++) square += current[d * rank + r]! ** 2;
      for (let d = 0; d < D; d++) current[d * rank + r]! /= Math.sqrt(square);
    }
  return current;
}
