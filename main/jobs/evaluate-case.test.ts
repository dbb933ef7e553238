import { expect, test } from 'vitest';
import { emptyTally, evaluateCase } from './evaluate-case.ts';

test('the Dice that probabilities expect is that of a sure and right prediction, of a wavering one, and none of nothing', () => {
  const structures = [5, 7, 9].map((label) => ({ name: `label ${label}`, label }));
  const truth = Uint8Array.of(5, 5, 7, 0);
  const predicted = Uint8Array.of(5, 5, 7, 7);
  const probability = Float32Array.from(
    [
      [0, 0, 0.25, 0.5],
      [1, 1, 0, 0],
      [0, 0, 0.75, 0.5],
      [0, 0, 0, 0],
    ].flat(),
  );
  const grid = { size: [4, 1, 1] as const, spacingMm: [1, 1, 1] as const };
  const { structures: found } = evaluateCase(emptyTally(structures), {
    name: 'one',
    grid,
    truth,
    predicted,
    voxelMl: 1,
    probability,
  });
  expect(found.map(({ expectedDice }) => expectedDice)).toEqual([1, expect.closeTo((2 * 1.25) / (2 + 1.25)), null]);
});
