import type { ReproductionRun } from '../../../contract/reproduction.ts';
import { derive, rootKey } from '../../numerics/tensors/random.ts';
import type { JobContext, Ports } from '../ports.ts';
import { countImages, type DigitImages, type DigitSplits, ofClasses } from './digit-images.ts';
import { judgePairs } from './judge-pairs.ts';
import { learnPair } from './learn-pair.ts';
import { keptBytes, type LearnedPairs, nothingLearned, packPairs, unpackPairs } from './learned-pairs.ts';
import { type ReproductionPlace, readRun, runFile } from './reproduction-files.ts';
import { beginRun, extendRun } from './run-record.ts';
import { type SplitMethod, type SplitSettings, settingsOf } from './split-mnist-settings.ts';

/** Pairs 0/1, 2/3, 4/5, 6/7, 8/9, in this order. */
const pairs = 5;

export interface SplitPlan {
  readonly method: SplitMethod;
  readonly seed: number;
  readonly settings: SplitSettings;
  readonly place: ReproductionPlace;
  readonly splits: DigitSplits;
}

export const splitRunKey = (
  ports: Ports,
  { method, seed, settings }: Pick<SplitPlan, 'method' | 'seed' | 'settings'>,
): string =>
  ports.runs.keyOf({ experiment: 'split-mnist', version: 1, method, seed, settings: settingsOf(method, settings) });

/** Learns pair after pair; what is learned is a checkpoint after each, its judgement a row. A killed run goes on after the last pair. */
export async function runSplit(ports: Ports, context: JobContext, plan: SplitPlan): Promise<ReproductionRun> {
  const key = splitRunKey(ports, plan);
  let { run, learned } = await begin(ports, plan, key);
  if (run.finished) return run;
  while (run.rows.length < pairs) {
    const startedMs = ports.machine.nowMs();
    if (learned.tasks === run.rows.length) {
      const packed = packPairs(await learnNext(context, learned, plan));
      await ports.runs.saveCheckpoint(key, packed);
      learned = unpackPairs(packed); // what a resumed run would have, to the bit
    }
    const trainingMs = ports.machine.nowMs() - startedMs;
    const row = {
      tasks: learned.tasks,
      ...(await judge(context, learned, plan)),
      trainingMs,
      ...keptBytes(learned),
    };
    run = extendRun(ports, run, {
      rows: [row],
      finished: learned.tasks === pairs,
      elapsedMs: ports.machine.nowMs() - startedMs,
    });
    await ports.results.writeJson(runFile(plan.place, plan), run);
  }
  await ports.runs.finish(key, { method: plan.method, seed: plan.seed });
  return run;
}

interface Progress {
  readonly run: ReproductionRun;
  readonly learned: LearnedPairs;
}

/** Where an earlier command left off; the beginning where its rows and its checkpoint do not belong together. */
async function begin(ports: Ports, plan: SplitPlan, key: string): Promise<Progress> {
  const fresh = beginRun(ports, { ...plan, key, settings: settingsOf(plan.method, plan.settings) });
  const run = (await readRun(ports, plan.place, { ...plan, key })) ?? fresh;
  if (run.finished) return { run, learned: nothingLearned };
  const found = await ports.runs.loadCheckpoint(key);
  const learned = found ? unpackPairs(found) : nothingLearned;
  const ahead = learned.tasks - run.rows.length; // 1 where a pair was learned and not judged
  return ahead === 0 || ahead === 1 ? { run, learned } : { run: fresh, learned: nothingLearned };
}

const pairOf = (task: number): readonly number[] => [2 * task, 2 * task + 1];

function learnNext(context: JobContext, learned: LearnedPairs, plan: SplitPlan): Promise<LearnedPairs> {
  const { method, seed, settings, splits } = plan;
  const task = learned.tasks;
  const before = Array.from({ length: task }, (_, t) => pairOf(t)).flat();
  const classes = pairOf(task);
  const images = (of: readonly number[]): DigitImages => ofClasses(splits.training, of, settings.imagesAClass);
  return learnPair(context, learned, {
    method,
    settings,
    images: images(method === 'replay' ? [...before, ...classes] : classes),
    classes,
    imagesBefore: countImages(images(before)),
    key: derive(rootKey(seed), 'split-mnist', task), // the same start and order of images for every method
    title: `${method}, seed ${seed}, pair ${task + 1} of ${pairs}`,
  });
}

function judge(context: JobContext, learned: LearnedPairs, { seed, settings, splits }: SplitPlan) {
  const seen = Array.from({ length: learned.tasks }, (_, t) => pairOf(t)).flat();
  const images = ofClasses(splits[settings.judgedOn], seen, settings.imagesAClass);
  return judgePairs(context, learned, images, {
    samples: settings.samples,
    key: derive(rootKey(seed), 'split-mnist', 'judgement'),
  });
}
