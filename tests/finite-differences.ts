/** Central differences of a function of a vector: the oracle of every analytic gradient on the host. */
export function finiteDifferences(of: (point: Float64Array) => number, at: Float64Array, step = 1e-5): Float64Array {
  return at.map((value, n) => {
    const moved = (by: number): number => {
      const point = at.slice();
      point[n] = value + by;
      return of(point);
    };
    return (moved(step) - moved(-step)) / (2 * step);
  });
}

/** Greatest distance between two vectors, beside the greatest element of the second (or 1). */
export function relativeDistance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let [distance, greatest] = [0, 1];
  for (let n = 0; n < b.length; n++) {
    distance = Math.max(distance, Math.abs(a[n]! - b[n]!));
    greatest = Math.max(greatest, Math.abs(b[n]!));
  }
  return a.length === b.length ? distance / greatest : Number.POSITIVE_INFINITY;
}
