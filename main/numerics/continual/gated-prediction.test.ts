import { expect, test } from 'vitest';
import { gatedPrediction, likeliestClasses, mixturePrediction, surestPrediction } from './gated-prediction.ts';

// two components, three images, four classes: the first knows classes 0 and 1, the second 2 and 3
const predictions = {
  probabilities: [
    Float32Array.of(0.9, 0.1, 0, 0, 0.5, 0.5, 0, 0, 0.2, 0.8, 0, 0),
    Float32Array.of(0, 0, 0.6, 0.4, 0, 0, 0.95, 0.05, 0, 0, 0.3, 0.7),
  ],
  logWeights: [Math.log(0.4), Math.log(0.6)],
  classes: 4,
};
const closeTo = (values: readonly number[]) => values.map((value) => expect.closeTo(value, 6));

test('the mixture predicts by its weights', () => {
  const found = mixturePrediction(predictions);
  expect(Array.from(found.subarray(0, 4))).toEqual(closeTo([0.36, 0.04, 0.36, 0.24]));
});

test('the surest component is the one of least entropy', () => {
  expect(Array.from(likeliestClasses(surestPrediction(predictions), 4))).toEqual([0, 2, 1]);
});

test('a gate is Bayes’ rule for the task: weight times density', () => {
  const logDensities = [Float64Array.of(-1000, -5, 2), Float64Array.of(-1001, -2, 2)];
  const found = gatedPrediction(predictions, logDensities);
  const share = 0.4 / (0.4 + 0.6 * Math.exp(-1));
  expect(Array.from(found.subarray(0, 4))).toEqual(
    closeTo([0.9 * share, 0.1 * share, 0.6 * (1 - share), 0.4 * (1 - share)]),
  );
  expect(Array.from(found.subarray(8, 12))).toEqual(closeTo([0.08, 0.32, 0.18, 0.42])); // equal densities: the weights
  for (let n = 0; n < 3; n++) {
    const total = found.subarray(4 * n, 4 * n + 4).reduce((sum, value) => sum + value, 0);
    expect(total).toBeCloseTo(1, 6);
  }
});
