import { join } from 'node:path';
import { memory } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { useTensorflow } from '../../../tests/back-end.ts';
import { writeMadeDigits } from '../../../tests/made-digits.ts';
import { temporaryFolder } from '../../../tests/temporary-folder.ts';
import { noBackEnd } from '../../compute/back-end.ts';
import { machineOf } from '../../compute/machine.ts';
import { mlpVaeStart } from '../../numerics/models/mlp-vae.ts';
import { derive, rootKey } from '../../numerics/tensors/random.ts';
import { openPorts } from '../../storage/open-ports.ts';
import type { JobContext } from '../ports.ts';
import { type BoovaeMethod, parseBoovaeSettings, quickSettings, shapeOf } from './boovae-settings.ts';
import { type DigitSplits, greyLevels, ofClasses, readDigits } from './digit-images.ts';
import { type LearnedModel, packModel, unpackModel } from './learned-model.ts';
import { openProgressStore } from './task-progress.ts';
import { trainTask } from './train-task.ts';

const root = temporaryFolder();
const key = rootKey(5);
const settings = parseBoovaeSettings('boovae', 'mnist', { ...quickSettings, width: 32, epochs: 6 });
const calm: JobContext = { signal: new AbortController().signal, report: () => {}, breathe: async () => {} };
/** Stops at the n-th breath. */
const stopping = (after: number): JobContext => {
  let breaths = 0;
  const breathe = async () => {
    if (breaths++ === after) throw new Error('stopped');
  };
  return { ...calm, breathe };
};

describe.skipIf(!useTensorflow())('training on a task', () => {
  let splits: DigitSplits;
  beforeAll(async () => {
    process.env['FEWSCAN_CHECKPOINT_SECONDS'] = '0';
    const folder = writeMadeDigits(join(root, 'digits'), { train: 1200, test: 100 });
    splits = await readDigits(openPorts(root).results, 'mnist', [folder]);
  });
  afterAll(() => {
    delete process.env['FEWSCAN_CHECKPOINT_SECONDS'];
  });

  const start = (): LearnedModel => {
    const shape = shapeOf(settings, splits.training.size);
    return { shape, weights: mlpVaeStart(shape, key), tasks: [], anchors: undefined };
  };
  const train = async (context: JobContext, method: BoovaeMethod, model: LearnedModel, name: string) => {
    const ports = { ...openPorts(join(root, 'home')), machine: machineOf(noBackEnd) };
    const classes = [model.tasks.length];
    return trainTask(context, {
      method,
      settings,
      model,
      training: ofClasses(splits.training, classes),
      validation: ofClasses(splits.validation, classes),
      key: derive(key, model.tasks.length),
      title: name,
      store: openProgressStore(ports, { name, method, task: model.tasks.length }),
    });
  };

  it.each(['standard', 'ewc', 'mog', 'vamp', 'boo', 'boo+ewc'] as const)(
    'of %s goes on where it was stopped, to the same model, and leaves no tensor behind',
    async (method) => {
      const before = memory().numTensors;
      const { model: first } = await train(calm, method, start(), 'first');
      const straight = await train(calm, method, first, 'straight');
      await expect(train(stopping(4), method, first, 'stopped')).rejects.toThrow('stopped');
      const resumed = await train(calm, method, first, 'stopped');
      expect(resumed.summary).toEqual(straight.summary);
      expect(straight.summary.protection > 0).toBe(['mog', 'boo', 'boo+ewc'].includes(method));
      expect(packModel(resumed.model)).toEqual(packModel(straight.model));
      expect(memory().numTensors).toBe(before);
    },
  );

  it('keeps of a task what its method may keep, and no image', async () => {
    const { model } = await train(calm, 'boo+ewc', start(), 'kept');
    const packed = packModel(model);
    const inputs = model.tasks[0]!.inputs!;
    const images = greyLevels(ofClasses(splits.training, [0]));
    for (const input of inputs) {
      for (let n = 0; n < images.length; n += input.length)
        expect(input.some((value, p) => Math.abs(value - images[n + p]!) > 0.02)).toBe(true);
    }
    const numbers = Object.values(packed).reduce((sum, { data }) => sum + data.length, 0);
    const weights = Object.values(model.weights).reduce((sum, { data }) => sum + data.length, 0);
    const latent = settings.latent;
    // the network, two sums of anchors as large, and for each component its input, code and weight
    expect(numbers).toBe(3 * weights + inputs.length * (splits.training.size + 2 * latent + 1));
    expect(packModel(unpackModel(packed, model.shape, 1))).toEqual(packed);
  });
});

it('the split of the training files is 5 to 1, the same each time, and shares no image', async () => {
  const folder = writeMadeDigits(join(root, 'again'), { train: 600, test: 50 });
  const read = () => readDigits(openPorts(root).results, 'mnist', [folder]);
  const [one, other] = [await read(), await read()];
  expect(one).toEqual(other);
  expect([one.training, one.validation, one.test].map(({ labels }) => labels.length)).toEqual([500, 100, 50]);
  expect(Array.from(ofClasses(one.training, [3, 7], 2).labels).sort()).toEqual([3, 3, 7, 7]);
});
