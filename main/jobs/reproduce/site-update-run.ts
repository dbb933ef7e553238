import type { ReproductionRun } from '../../../contract/reproduction.ts';
import type { WeightPosterior } from '../../numerics/posteriors/weight-posterior.ts';
import { type CaseResult, emptyTally, evaluateCase } from '../evaluate-case.ts';
import type { JobContext, Ports } from '../ports.ts';
import { predictCase } from '../predict-case.ts';
import { summarise } from '../summarise-evaluation.ts';
import { type ReproductionPlace, readRun, runFile } from './reproduction-files.ts';
import { beginRun, extendRun } from './run-record.ts';
import { recipeOf, sharedRecipe } from './site-recipe.ts';
import { SiteStages, type StagePlan } from './site-stages.ts';
import { type SiteMethod, type SiteSettings, siteSettingsOf } from './site-update-settings.ts';
import { hashesOf, type Site } from './two-sites.ts';

export interface SitePlan extends StagePlan {
  readonly method: SiteMethod;
  readonly place: ReproductionPlace;
}

export const siteRunKey = (
  ports: Ports,
  {
    method,
    seed,
    settings,
    prior,
  }: {
    readonly method: SiteMethod;
    readonly seed: number;
    readonly settings: SiteSettings;
    readonly prior: { readonly sha256: string };
  },
): string =>
  ports.runs.keyOf({
    experiment: 'site-update',
    version: 2,
    method,
    seed,
    settings: siteSettingsOf(method, settings),
    recipe: sharedRecipe(settings),
    prior: prior.sha256,
  });

/** Trains what the method needs that is not there yet, and judges it at both sites: after site A where it knew A alone, and after both. */
export async function runSites(ports: Ports, context: JobContext, plan: SitePlan): Promise<ReproductionRun> {
  const key = siteRunKey(ports, plan);
  const { method, settings } = plan;
  const fresh = beginRun(ports, { ...plan, key, settings: siteSettingsOf(method, settings) });
  let run = (await readRun(ports, plan.place, { ...plan, key })) ?? fresh;
  if (run.finished) return run;
  const stages = new SiteStages(ports, context, plan);
  if (run.rows.length === 0 && method !== 'ensemble') {
    const startedMs = ports.machine.nowMs();
    const row = { sites: 1, ...(await firstRow(ports, context, plan, stages)) };
    run = extendRun(ports, run, { rows: [row], finished: false, elapsedMs: ports.machine.nowMs() - startedMs });
    await ports.results.writeJson(runFile(plan.place, plan), run);
  }
  const startedMs = ports.machine.nowMs();
  const { posterior, trainingMs } = await learned(method, stages);
  const row = { sites: 2, trainingMs, ...(await judge(ports, context, plan, posterior)) };
  run = extendRun(ports, run, { rows: [row], finished: true, elapsedMs: ports.machine.nowMs() - startedMs });
  await ports.results.writeJson(runFile(plan.place, plan), run);
  return run;
}

async function learned(
  method: SiteMethod,
  stages: SiteStages,
): Promise<{ readonly posterior: WeightPosterior; readonly trainingMs: number }> {
  const single = async (stage: Promise<{ posterior: WeightPosterior; elapsedMs: number }>) => {
    const { posterior, elapsedMs } = await stage;
    return { posterior, trainingMs: elapsedMs };
  };
  const mixed = async (choice: 'gate' | 'weights' | 'entropy') => ({
    posterior: await stages.mixture(choice),
    trainingMs: (await stages.component()).elapsedMs,
  });
  switch (method) {
    case 'naive':
      return single(stages.naive());
    case 'ewc':
      return single(stages.ewc());
    case 'mpvi':
      return mixed('gate');
    case 'mpvi by weights':
      return mixed('weights');
    case 'mpvi by entropy':
      return mixed('entropy');
    case 'consolidated':
      return single(stages.consolidated());
    case 'replay':
      return single(stages.joint());
    case 'ensemble':
      return single(stages.ensemble());
    default:
      throw method satisfies never;
  }
}

/** After site A every method but the ensemble is the same: judged once a seed. */
async function firstRow(ports: Ports, context: JobContext, plan: SitePlan, stages: SiteStages) {
  const { seed, settings, prior, sites } = plan;
  const { lambda: _lambda, elastic: _elastic, members: _members, ...shared } = settings;
  const key = ports.runs.keyOf({
    experiment: 'site-update',
    stage: 'judged first',
    seed,
    settings: shared,
    recipe: sharedRecipe(settings),
    prior: prior.sha256,
    training: hashesOf(sites),
  });
  const found = await ports.runs.loadCheckpoint(key);
  if (found) return found.state;
  const { posterior } = await stages.first();
  const row = await judge(ports, context, plan, posterior);
  await ports.runs.saveCheckpoint(key, { arrays: {}, state: row });
  return row;
}

/** Dice, calibration and coverage at both sites, and what a scan takes. */
async function judge(
  ports: Ports,
  context: JobContext,
  { sites, settings, method, seed }: SitePlan,
  posterior: WeightPosterior,
): Promise<Record<string, unknown>> {
  const row: Record<string, unknown> = {};
  const startedMs = ports.machine.nowMs();
  for (const site of ['A', 'B'] as const satisfies readonly Site[]) {
    const tally = emptyTally(sites.structures);
    const cases: CaseResult[] = [];
    for (const [n, raw] of sites.test[site].entries()) {
      const input = await predictCase(ports, context, {
        raw,
        ...sites,
        posterior,
        borderDeviation: recipeOf(settings).borderDeviation,
        temperature: recipeOf(settings).temperature,
        samples: settings.samples,
        title: `${method}, seed ${seed}, site ${site}: test scan ${n + 1} of ${sites.test[site].length}`,
      });
      cases.push(evaluateCase(tally, input));
    }
    const { meanDice, ece, nll, intervalCoverage, auroc } = summarise(tally, cases);
    row[`dice${site}`] = meanDice;
    row[`ece${site}`] = ece;
    row[`nll${site}`] = nll;
    row[`coverage${site}`] = intervalCoverage;
    row[`auroc${site}`] = auroc.predictiveEntropy;
  }
  row['dice'] = (Number(row['diceA']) + Number(row['diceB'])) / 2;
  row['msAScan'] = (ports.machine.nowMs() - startedMs) / (sites.test.A.length + sites.test.B.length);
  return row;
}
