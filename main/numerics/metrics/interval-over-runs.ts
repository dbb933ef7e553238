/** Half the width of the interval of a mean over independent runs (Student's t). NaN for fewer than two. */
export const intervalHalfWidth = (standardDeviation: number, runs: number, level = 0.95): number =>
  runs < 2 ? Number.NaN : (studentQuantile(0.5 + level / 2, runs - 1) * standardDeviation) / Math.sqrt(runs);

/** The quantile of Student's t for a probability above 1/2, by bisection over its distribution function. */
export function studentQuantile(probability: number, freedom: number): number {
  let [low, high] = [0, 1];
  while (studentDistribution(high, freedom) < probability) high *= 2;
  for (let step = 0; step < 60; step++) {
    const middle = 0.5 * (low + high);
    if (studentDistribution(middle, freedom) < probability) low = middle;
    else high = middle;
  }
  return high;
}

/**
 * For whole degrees of freedom in closed form (Abramowitz and Stegun 1972, 26.7.3 and 26.7.4), with theta = atan(t / sqrt(freedom)).
 */
function studentDistribution(t: number, freedom: number): number {
  const theta = Math.atan(t / Math.sqrt(freedom));
  const square = Math.cos(theta) ** 2;
  const isOdd = freedom % 2 === 1;
  let [sum, term] = [0, isOdd ? Math.cos(theta) : 1];
  for (let n = isOdd ? 1 : 0; n < freedom - 1; n += 2) {
    sum += term;
    term *= (square * (n + 1)) / (n + 2);
  }
  const within = isOdd ? (2 / Math.PI) * (theta + Math.sin(theta) * sum) : Math.sin(theta) * sum;
  return 0.5 + 0.5 * within;
}
