/** Lower factor of a positive definite matrix of which the lower part is given; both row-major [D, D]. */
export function cholesky(lower: Float64Array, D: number): Float64Array {
  const factor = new Float64Array(D * D);
  for (let r = 0; r < D; r++) {
    for (let c = 0; c <= r; c++) {
      let sum = lower[r * D + c]!;
      for (let k = 0; k < c; k++) sum -= factor[r * D + k]! * factor[c * D + k]!;
      factor[r * D + c] = r === c ? Math.sqrt(Math.max(sum, 1e-300)) : sum / factor[c * D + c]!;
    }
  }
  return factor;
}

/** y with L y = b, for a lower factor L. */
export function solveLower(factor: Float64Array, b: Float64Array): Float64Array {
  const D = b.length;
  const y = new Float64Array(D);
  for (let r = 0; r < D; r++) {
    let rest = b[r]!;
    for (let c = 0; c < r; c++) rest -= factor[r * D + c]! * y[c]!;
    y[r] = rest / factor[r * D + r]!;
  }
  return y;
}

/** x with L^T x = y, for a lower factor L. */
export function solveUpper(factor: Float64Array, y: Float64Array): Float64Array {
  const D = y.length;
  const x = new Float64Array(D);
  for (let r = D - 1; r >= 0; r--) {
    let rest = y[r]!;
    for (let c = r + 1; c < D; c++) rest -= factor[c * D + r]! * x[c]!;
    x[r] = rest / factor[r * D + r]!;
  }
  return x;
}
