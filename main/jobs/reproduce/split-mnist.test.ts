import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { memory } from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { AppError } from '../../../contract/errors/app-error.ts';
import { jobRequests } from '../../../contract/jobs.ts';
import { type Reproduction, reproductionSchema } from '../../../contract/reproduction.ts';
import { useTensorflow } from '../../../tests/back-end.ts';
import { quietContext, testPorts } from '../../../tests/job-ports.ts';
import { writeMadeDigits } from '../../../tests/made-digits.ts';
import { temporaryFolder } from '../../../tests/temporary-folder.ts';
import { lenetWeightCount } from '../../numerics/models/lenet5.ts';
import { rootKey } from '../../numerics/tensors/random.ts';
import type { JobContext } from '../ports.ts';
import { chooseImages, readDigits } from './digit-images.ts';
import { judgePairs } from './judge-pairs.ts';
import { learnPair } from './learn-pair.ts';
import { keptBytes, type LearnedPairs, nothingLearned, packPairs, unpackPairs } from './learned-pairs.ts';
import { reproduce } from './reproduce.ts';
import { splitSettingsSchema } from './split-mnist-settings.ts';

const there = useTensorflow();
const folder = temporaryFolder();
const data = writeMadeDigits(join(folder, 'digits'), { train: 420, test: 200 });
const settings = {
  epochs: 6,
  batch: 20,
  rate: 2e-3,
  samples: 2,
  startDeviation: 0.01,
  gate: { components: 2, rank: 3, iterations: 3 },
  pixels: { rank: 1 },
  features: { rank: 3 },
  fisherImages: 20,
};

function run(out: string, changes: object, context: JobContext = quietContext()): Promise<Reproduction> {
  const request = { kind: 'reproduce', experiment: 'split-mnist', seeds: [0], options: { data }, settings };
  const own = testPorts(join(folder, out)); // a home of its own: no checkpoint is shared
  return reproduce(own, context, jobRequests.reproduce.parse({ ...request, out: join(folder, out), ...changes }));
}

/** What a row says beside times. */
const worth = ({ runs }: Reproduction) =>
  runs.flatMap(({ method, rows }) => rows.map(({ trainingMs: _, ...row }) => ({ method, ...row })));

describe.skipIf(!there)('digits learned pair after pair', () => {
  test('are forgotten by fine-tuning, not by a component a pair with its gate; all four methods are judged', async () => {
    const before = memory().numTensors;
    const reproduction = await run('whole', {});
    expect(memory().numTensors).toBe(before);
    expect(reproductionSchema.parse(JSON.parse(readFileSync(join(folder, 'whole/split-mnist.json'), 'utf8')))).toEqual(
      reproduction,
    );
    const { naive, ewc, mpvi, replay } = reproduction.summary;
    for (const method of [naive, ewc, mpvi, replay]) expect(Object.keys(method!)).toEqual(['1', '2', '3', '4', '5']);
    expect(mpvi!['5']!.mean).toBeGreaterThan(0.8);
    expect(naive!['5']!.mean).toBeLessThan(mpvi!['5']!.mean - 0.3);
    expect(replay!['5']!.mean).toBeGreaterThan(0.6);
    const rows = reproduction.runs.find(({ method }) => method === 'mpvi')!.rows;
    expect(rows[4]).toMatchObject({ images: 200, componentBytes: 8 * lenetWeightCount, anchorBytes: 0 });
    const other = reproduction.further['accuracy by what else predicts, of the same runs']!;
    expect(Object.keys(other)).toContain('gate alone');
    expect(reproduction.further['bytes kept for each past task']).toMatchObject({
      'ewc, anchor': { 5: { mean: 8 * lenetWeightCount } },
    });
    expect(readFileSync(join(folder, 'whole/split-mnist.md'), 'utf8')).toContain('[0.795]');
    expect(readFileSync(join(folder, 'whole/split-mnist.svg'), 'utf8')).toContain('replay');
  }, 120_000);

  test.each(['mpvi', 'ewc'])(
    'a stopped run goes on after the last pair and ends as if it had not been stopped: %s',
    async (method) => {
      let pair = '';
      const stopping: JobContext = {
        ...quietContext(),
        report: ({ phase }) => {
          pair = phase;
        },
        breathe: (phase) =>
          pair.includes('pair 3 of 5') ? Promise.reject(new AppError('job/cancelled', { phase })) : Promise.resolve(),
      };
      const out = `stopped-${method}`;
      await expect(run(out, { methods: [method] }, stopping)).rejects.toMatchObject({ code: 'job/cancelled' });
      const phases: string[] = [];
      const listening = { ...quietContext(), report: ({ phase }: { readonly phase: string }) => phases.push(phase) };
      const finished = await run(out, { methods: [method] }, listening as JobContext);
      expect(phases.some((phase) => phase.includes('pair 2 of 5'))).toBe(false);
      const whole = await run('whole', { methods: [method] });
      expect(worth(finished)).toEqual(worth(whole).filter((row) => row.method === method));
    },
    120_000,
  );

  test('other seeds give other runs; settings that a method does not use leave its runs as they are', async () => {
    const phases: string[] = [];
    const listening = { ...quietContext(), report: ({ phase }: { readonly phase: string }) => phases.push(phase) };
    const changed = { settings: { ...settings, elastic: 7 }, methods: ['naive', 'mpvi'] };
    const again = await run('whole', changed, listening as JobContext);
    expect(phases).toEqual([]);
    expect(Object.keys(again.summary)).toEqual(['naive', 'mpvi', 'replay']); // ewc was made with another strength
    const other = await run('whole', { methods: ['naive'], seeds: [1] });
    expect(other.summary['naive']!['5']!.seeds).toBe(2);
  }, 60_000);

  test('each image is judged by itself, and what is kept passes through a checkpoint to the bit', async () => {
    const splits = await readDigits(testPorts(folder).results, 'mnist', [data]);
    const images = { ...splits.training, labels: splits.training.labels.map((label) => label % 2) };
    let learned: LearnedPairs = nothingLearned;
    const task = {
      method: 'mpvi' as const,
      settings: splitSettingsSchema.parse({ ...settings, epochs: 1 }),
      images,
      classes: [0, 1],
      imagesBefore: 0,
      key: rootKey(1),
      title: '',
    };
    learned = unpackPairs(packPairs(await learnPair(quietContext(), learned, task)));
    expect(unpackPairs(packPairs(learned))).toEqual(learned);
    const judge = (count: number, from = 0) => {
      const part = (values: Uint8Array, size: number) => values.slice(from * size, (from + count) * size);
      const some = { ...images, pixels: part(images.pixels, 784), labels: part(images.labels, 1) };
      return judgePairs(quietContext(), learned, some, { samples: 2, key: rootKey(2) });
    };
    const [whole, left, right] = [await judge(60), await judge(20), await judge(40, 20)];
    expect((20 * left.accuracy + 40 * right.accuracy) / 60).toBeCloseTo(whole.accuracy, 9);
    expect((20 * left.gateAlone! + 40 * right.gateAlone!) / 60).toBeCloseTo(whole.gateAlone!, 9);
    const sizes = packPairs(learned).arrays;
    const kept = Object.values(sizes).reduce((sum, { data: values }) => sum + 4 * values.length, 0);
    const bytes = keptBytes(learned);
    expect(bytes.componentBytes + bytes.gateBytes).toBeLessThan(kept); // the comparisons' Gaussians take the rest
    const again = Array.from({ length: 2 * images.labels.length }, (_, n) => n % images.labels.length);
    const twice = { ...task, images: chooseImages(images, again) };
    expect(keptBytes(await learnPair(quietContext(), nothingLearned, twice))).toEqual(bytes);
  }, 60_000);
});

describe('what cannot be run', () => {
  test.each([
    [{ settings: { epocs: 3 } }, 'epocs'],
    [{ settings: { gate: { rank: 84 } } }, 'gate.rank'],
    [{ settings: { judgedOn: 'training' } }, 'judgedOn'],
    [{ options: { tasks: 3 } }, 'tasks'],
    [{ methods: ['mpvi', 'lwf'] }, 'methods'],
  ])('is refused before anything is read: %j', async (changes, key) => {
    const nowhere = { options: { data: join(folder, 'nowhere') } };
    await expect(run('refused', { ...nowhere, ...changes })).rejects.toMatchObject({
      code: 'reproduce/settings',
      details: { key },
    });
  });

  test('without images says where it looked', async () => {
    const nowhere = join(folder, 'nowhere');
    await expect(run('refused', { options: { data: nowhere } })).rejects.toMatchObject({
      code: 'reproduce/no-images',
      message: expect.stringContaining(nowhere),
    });
  });
});
