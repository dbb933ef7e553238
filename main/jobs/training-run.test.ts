import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { AppError } from '../../contract/errors/app-error.ts';
import { useTensorflow } from '../../tests/back-end.ts';
import { quietContext, testPorts } from '../../tests/job-ports.ts';
import { temporaryFolder } from '../../tests/temporary-folder.ts';
import { rootKey } from '../numerics/tensors/random.ts';
import { type TrainingRun, trainToEnd } from './training-run.ts';

const ports = testPorts(temporaryFolder());

/** A parabola, whose held-out "Dice" is its only parameter; `atCheck` runs at the beginning of each check. */
const parabola = (runKey: string, checked: number[], atCheck = (_step: number): void => {}): TrainingRun => ({
  phase: 'training',
  runKey,
  start: () => ({ weight: { shape: [1], data: new Float32Array([1]) } }),
  objective: {
    gradient: ({ weight }) => ({ gradients: { weight: tf.mul(weight!, 2) }, info: { loss: 1, dataLoss: 1 } }),
  },
  budget: { steps: 6 },
  rate: 0.1,
  schedule: { by: 'share', at: () => 1 },
  key: rootKey(0),
  batch: async () => [],
  check: {
    every: 3,
    evaluate: async ({ step, parameters }) => {
      atCheck(step);
      checked.push(step);
      const [heldOutDice] = await parameters['weight']!.data();
      return { figures: { heldOutDice: heldOutDice!, heldOutEce: 0 }, slice: {} as never }; // only handed through
    },
  },
});

test.skipIf(!useTensorflow())('a run that is stopped during a check has that check when it goes on', async () => {
  const whole: number[] = [];
  const outcome = await trainToEnd(ports, quietContext(), parabola('a'.repeat(64), whole));
  expect(whole).toEqual([3, 6]);
  for (const stopAt of [3, 6]) {
    const checked: number[] = [];
    const stop = new AbortController();
    const key = String(stopAt).repeat(64);
    const stopped = parabola(key, checked, (step) => {
      if (step !== stopAt) return;
      stop.abort();
      throw new AppError('job/cancelled', { phase: 'checking' });
    });
    await expect(trainToEnd(ports, { ...quietContext(), signal: stop.signal }, stopped)).rejects.toThrow(AppError);
    const resumed = await trainToEnd(ports, quietContext(), parabola(key, checked));
    expect(checked, `stopped at ${stopAt}`).toEqual([3, 6]);
    const shapeOf = ({ curves }: typeof outcome) => curves.map(({ elapsedMs: _, ...point }) => point);
    expect(shapeOf(resumed)).toEqual(shapeOf(outcome));
    expect(resumed.parameters).toEqual(outcome.parameters);
  }
});
