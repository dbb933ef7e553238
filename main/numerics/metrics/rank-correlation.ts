/** Spearman's rank correlation; ties share their mean rank. null for fewer than three pairs or where one side does not vary. */
export function rankCorrelation(a: readonly number[], b: readonly number[]): number | null {
  if (a.length !== b.length) throw new RangeError('a correlation needs pairs');
  if (a.length < 3) return null;
  const [x, y] = [ranks(a), ranks(b)];
  const middle = (a.length - 1) / 2;
  let [product, xx, yy] = [0, 0, 0];
  for (let n = 0; n < x.length; n++) {
    const [dx, dy] = [x[n]! - middle, y[n]! - middle];
    product += dx * dy;
    xx += dx * dx;
    yy += dy * dy;
  }
  return xx === 0 || yy === 0 ? null : product / Math.sqrt(xx * yy);
}

function ranks(values: readonly number[]): Float64Array {
  const order = values.map((_, n) => n).sort((a, b) => values[a]! - values[b]!);
  const result = new Float64Array(values.length);
  for (let from = 0, to = 0; from < order.length; from = to) {
    while (to < order.length && values[order[to]!] === values[order[from]!]) to++;
    for (let n = from; n < to; n++) result[order[n]!] = (from + to - 1) / 2;
  }
  return result;
}
