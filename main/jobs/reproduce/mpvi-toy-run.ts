import { z } from 'zod';
import type { ReproductionRun } from '../../../contract/reproduction.ts';
import { type AdditiveMixture, openMixture } from '../../numerics/posteriors/additive-mixture.ts';
import { startComponent } from '../../numerics/posteriors/gaussian-component.ts';
import { type PursuitInfo, type PursuitSettings, pursuitStep } from '../../numerics/posteriors/pursuit.ts';
import type { Target } from '../../numerics/posteriors/pursuit-objective.ts';
import { refitWeights, weightTable } from '../../numerics/posteriors/weight-refit.ts';
import { derive, rootKey } from '../../numerics/tensors/random.ts';
import type { JobContext, Ports } from '../ports.ts';
import { mixtureFromPlain, mixtureToPlain, pursuitRowSchema } from './plain-mixture.ts';
import { type ReproductionPlace, readRun, runFile } from './reproduction-files.ts';
import { beginRun, extendRun } from './run-record.ts';
import { groupFit, planeDivergence, twoGroups } from './two-groups.ts';

const positive = z.number().int().positive();

/** `lambda`: the authors' objective. `fixed-weight`: KL of the whole mixture at a weight of 1 / components, at least 0.1. */
export const toyMethods = ['lambda', 'fixed-weight'] as const;
export type ToyMethod = (typeof toyMethods)[number];

export const toySettingsSchema = z.strictObject({
  family: z.enum(['full', 'factorised', 'low-rank']).default('full'),
  /** Of low-rank components. */
  rank: z.number().int().min(1).max(2).default(1),
  components: positive.default(8),
  lambda: z.number().positive().default(1),
  /** Share of the prior N(0, 3^2) that defends the tails in the lambda objective. */
  defence: z.number().min(0).max(0.5).default(0.05),
  candidates: positive.default(50),
  steps: positive.default(600),
  rate: z.number().positive().default(0.03),
  draws: positive.default(16),
  deviationFloor: z.number().positive().default(0.05),
  deviationCap: z.number().positive().default(4),
  /** Draws for weight, gap and refit. */
  evidence: positive.default(2000),
  /** Nats: `lambda` stops where the estimated gap is below it. */
  gapTolerance: z.number().default(0.02),
});
export type ToySettings = z.infer<typeof toySettingsSchema>;

export interface ToyPlan {
  readonly method: ToyMethod;
  readonly seed: number;
  readonly settings: ToySettings;
  readonly place: ReproductionPlace;
}

export const toyRunKey = (ports: Ports, { method, seed, settings }: Omit<ToyPlan, 'place'>): string =>
  ports.runs.keyOf({ experiment: 'mpvi-toy', version: 1, method, seed, settings });

/** Adds component after component, each kept at once; goes on after the last one kept. */
export async function runToy(ports: Ports, context: JobContext, plan: ToyPlan): Promise<ReproductionRun> {
  const { method, seed, settings } = plan;
  const { target, groups } = twoGroups(derive(rootKey(seed), 'target'));
  const key = toyRunKey(ports, plan);
  let run =
    (await readRun(ports, plan.place, { ...plan, key })) ??
    beginRun(ports, { ...plan, key, settings: { ...settings, target: mixtureToPlain(target) } });
  while (!run.finished) {
    const done = run.rows.length;
    context.report({
      phase: `${method}, seed ${seed}`,
      done,
      total: settings.components,
      unit: 'components',
    });
    await context.breathe('pursuing');
    const startedMs = ports.machine.nowMs();
    const last = done === 0 ? undefined : mixtureFromPlain(pursuitRowSchema.parse(run.rows.at(-1)).mixture);
    const [mixture, info] = addOne(last, target, plan, done + 1);
    const row = mixture && {
      components: done + 1,
      kl: planeDivergence(mixture, target),
      ...info,
      ...(done === 1 && groupFit(mixture, groups)),
      mixture: mixtureToPlain(mixture),
    };
    const finished = !row || done + 1 === settings.components;
    run = extendRun(ports, run, { rows: row ? [row] : [], finished, elapsedMs: ports.machine.nowMs() - startedMs });
    await ports.results.writeJson(runFile(plan.place, plan), run);
  }
  return run;
}

/** The mixture with component number `number`, all weights fitted anew; undefined where the gap has closed. */
function addOne(
  before: AdditiveMixture | undefined,
  target: AdditiveMixture,
  { method, seed, settings }: ToyPlan,
  number: number,
): readonly [AdditiveMixture | undefined, PursuitInfo] {
  const open = openMixture(target);
  const density: Target = (point) => open.evaluate(point);
  const key = derive(rootKey(seed), method, number);
  const [state, info] = pursuitStep(
    { mixture: before, isDone: false },
    density,
    pursuitSettings(method, settings, number),
    key,
  );
  if (state.isDone) return [undefined, info];
  const mixture = state.mixture!; // a state that is not done has one
  return [refitWeights(mixture, weightTable(mixture, density, settings.evidence, derive(key, 'refit'))), info];
}

function pursuitSettings(method: ToyMethod, settings: ToySettings, number: number): PursuitSettings {
  const { family, rank, lambda, defence, candidates, steps, evidence, gapTolerance } = settings;
  const { draws, rate, deviationFloor, deviationCap } = settings;
  const isLambda = method === 'lambda';
  return {
    family,
    ...(family === 'low-rank' && { rank }),
    objective: isLambda ? { kind: 'lambda', lambda } : { kind: 'fixed-weight', weight: Math.max(0.1, 1 / number) },
    prior: startComponent({ family: 'factorised' }, Float64Array.of(0, 0), 3),
    defence,
    startDeviation: 0.7,
    candidates,
    steps,
    fit: { draws, rate, deviationFloor, deviationCap },
    draws: evidence,
    // the gap is estimated with the new component, which only the lambda objective makes for it
    gapTolerance: isLambda ? gapTolerance : Number.NEGATIVE_INFINITY,
  };
}
