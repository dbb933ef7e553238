import type { JobRequest } from '../../contract/jobs.ts';
import type { NamedArrays } from '../numerics/models/named-arrays.ts';
import type { GroupReport } from './learn-kernel-group.ts';
import type { Ports } from './ports.ts';
import { priorCard } from './prior-card.ts';
import type { PriorReport, Snapshot } from './prior-report.ts';
import type { GreyPicture } from './result-ports.ts';
import type { Sources } from './survey-sources.ts';

export interface LearnPriorResult {
  readonly name: string;
  readonly sha256: string;
  readonly report: PriorReport;
  /** Said loudly: groups whose VAE is no better than a Gaussian. */
  readonly warnings: readonly string[];
}

/** A prior that has been learned, before its name is taken. */
export interface LearnedPrior {
  readonly request: Pick<JobRequest<'learn-prior'>, 'name' | 'seed'>;
  readonly sources: Sources;
  readonly settings: PriorReport['settings'];
  readonly groups: readonly GroupReport[];
  /** VAEs under `group-1/` and so on. */
  readonly weights: NamedArrays;
  readonly pictures: Readonly<Record<string, GreyPicture>>;
  /** Of a prior that learned on. */
  readonly update?: PriorReport['update'];
  readonly runKey: string;
  readonly startedMs: number;
}

/** Stores a learned prior with the best net as a start, its report and its card; the run is finished then. */
export async function publishPrior(ports: Ports, learned: LearnedPrior): Promise<LearnPriorResult> {
  const { request, sources, settings, groups, pictures, update, runKey, startedMs } = learned;
  const { net, snapshots, heldOutMembers, starts } = sources;
  const start = bestOf(starts.snapshots);
  const later = await laterSnapshots(ports, starts, start);
  const nll = meanNll(groups);
  const report: PriorReport = {
    architecture: net,
    seed: request.seed,
    settings,
    sources: snapshots,
    heldOutMembers,
    start: {
      member: start.member,
      cycle: start.cycle,
      validationDice: start.validationDice,
      ...(starts.beside && { beside: true }),
    },
    groups,
    nll,
    beatsGaussian: nll.vae < nll.gaussian,
    ...(update && { update }),
    compute: ports.machine.compute,
    elapsedMs: ports.machine.nowMs() - startedMs,
  };
  const stored = await ports.priors.publish({
    name: request.name,
    record: { ...report },
    weights: { ...learned.weights, ...(await startArrays(ports, starts.folder, start)), ...later },
    card: priorCard(request.name, report),
    pictures,
  });
  await ports.runs.finish(runKey, { name: request.name, nll });
  return { name: stored.name, sha256: stored.sha256, report, warnings: warningsOf(report) };
}

/** The last snapshot of the net that was best on the validation images. */
export function bestOf(snapshots: readonly Snapshot[]): Snapshot {
  return snapshots.reduce((best, one) => (one.validationDice > best.validationDice ? one : best));
}

/** All layers of the net that methods start from, under `start/`. */
export async function startArrays(
  ports: Pick<Ports, 'sources'>,
  folder: string,
  start: Snapshot,
): Promise<NamedArrays> {
  const { weights } = await ports.sources.loadSnapshot(folder, start);
  return Object.fromEntries(Object.entries(weights).map(([name, array]) => [`start/${name}`, array]));
}

/**
 * The 3^3 kernels of the start's net at the end of the later half of its cycles, under `snapshot-1/` and so on: what a Gaussian of low rank
 * goes through. The earlier half is still on its way from the random start.
 */
async function laterSnapshots(
  ports: Ports,
  { folder, snapshots }: Sources['starts'],
  { member }: Snapshot,
): Promise<NamedArrays> {
  const cycles = snapshots.filter((one) => one.member === member).toSorted((a, b) => a.cycle - b.cycle);
  const kept = cycles.slice(Math.floor(cycles.length / 2));
  const arrays: Record<string, NamedArrays[string]> = {};
  for (const [n, at] of kept.entries()) {
    const { weights } = await ports.sources.loadSnapshot(folder, at);
    for (const [name, array] of Object.entries(weights))
      if (array.shape[0] === 3) arrays[`snapshot-${n + 1}/${name}`] = array;
  }
  return arrays;
}

function meanNll(groups: readonly GroupReport[]): GroupReport['nll'] {
  const slices = groups.reduce((sum, { training }) => sum + training.slices, 0);
  const mean = (name: keyof GroupReport['nll']) =>
    groups.reduce((sum, { training, nll }) => sum + (training.slices / slices) * nll[name], 0);
  return { vae: mean('vae'), gaussian: mean('gaussian'), factorised: mean('factorised'), mixture: mean('mixture') };
}

function warningsOf({ groups, beatsGaussian }: PriorReport): readonly string[] {
  const worse = groups.filter(({ nll }) => nll.vae >= nll.gaussian).map(({ group }) => group);
  return [
    ...(beatsGaussian
      ? []
      : [
          'THIS PRIOR IS NO BETTER THAN A GAUSSIAN on the kernels of held-out nets. Train more or better source nets before you adapt with it.',
        ]),
    ...(worse.length > 0
      ? [`The VAE of group ${worse.join(', ')} is no better than a full Gaussian on held-out nets.`]
      : []),
  ];
}
