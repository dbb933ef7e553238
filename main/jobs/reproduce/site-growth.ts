import { predictPosterior } from '../../numerics/inference/posterior-prediction.ts';
import { type MixturePosterior, posteriorToNamed } from '../../numerics/posteriors/weight-posterior.ts';
import { derive, rootKey } from '../../numerics/tensors/random.ts';
import type { JobContext, Ports } from '../ports.ts';
import { predictionInput } from '../prediction-input.ts';
import { type ReproductionPlace, readRun, runFile } from './reproduction-files.ts';
import { beginRun, extendRun } from './run-record.ts';
import { SiteStages, type StagePlan } from './site-stages.ts';

const mostSites = 8;
const choices = ['gate', 'weights', 'entropy'] as const;

/**
 * What a mixture keeps and takes as sites join, to eight of them: bytes of weights and gates, and milliseconds of one scan by each choice
 * (the quicker of two). Both depend on how many components there are and not on what they learned, so A's and B's stand for all.
 */
export async function measureGrowth(
  ports: Ports,
  context: JobContext,
  plan: StagePlan & { readonly place: ReproductionPlace },
): Promise<void> {
  const { seed, sites, settings } = plan;
  const name = { method: 'growth', seed };
  const key = growthKey(ports, settings);
  const found = await readRun(ports, plan.place, { ...name, key });
  if (found?.finished) return;
  const stages = new SiteStages(ports, context, plan);
  const pair = await stages.mixture('gate');
  const scan = sites.training.A[0]!;
  const input = predictionInput(scan, sites.plan);
  const breathe = () => context.breathe('measuring growth');
  let run = beginRun(ports, { ...name, key, settings: { samples: settings.samples } });
  for (let count = 1; count <= mostSites; count++) {
    const startedMs = ports.machine.nowMs();
    const mixtureOf = (choice: MixturePosterior['choice']): MixturePosterior => ({
      kind: 'mixture',
      choice,
      components: Array.from({ length: count }, (_, n) => ({ ...pair.components[n % 2]!, weight: 1 / count })),
    });
    const stream = derive(rootKey(seed), 'site-update', 'growth');
    const row: Record<string, number> = { sites: count, ...bytesOf(sites.net, mixtureOf('gate')) };
    for (const choice of choices) {
      const sampling = {
        ...sites,
        posterior: mixtureOf(choice),
        samples: settings.samples,
        borderDeviation: 0,
        key: stream,
        breathe,
      };
      let least = Number.POSITIVE_INFINITY;
      for (let repeat = 0; repeat < 2; repeat++) {
        const begunMs = ports.machine.nowMs();
        await predictPosterior(sampling, input);
        least = Math.min(least, ports.machine.nowMs() - begunMs);
      }
      row[`${choice}Ms`] = least;
    }
    const elapsedMs = ports.machine.nowMs() - startedMs;
    run = extendRun(ports, run, { rows: [row], finished: count === mostSites, elapsedMs });
  }
  await ports.results.writeJson(runFile(plan.place, name), run);
}

export const growthKey = (ports: Ports, { samples }: StagePlan['settings']): string =>
  ports.runs.keyOf({ experiment: 'site-update', stage: 'growth', samples });

function bytesOf(net: StagePlan['sites']['net'], mixture: MixturePosterior) {
  const bytes = Object.values(posteriorToNamed(net, mixture)).reduce((sum, { data }) => sum + data.byteLength, 0);
  const gateBytes = mixture.components.reduce(
    (sum, { gate }) => sum + 8 * (1 + (gate?.mean.length ?? 0) + (gate?.deviation.length ?? 0)),
    0,
  );
  return { bytes, gateBytes };
}
