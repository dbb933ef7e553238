import type { JobRequest } from '../../contract/jobs.ts';
import type { NamedArrays } from '../numerics/models/named-arrays.ts';
import { collectKernels, type GroupKernels, joinKernels } from '../numerics/priors/kernel-collection.ts';
import { groupCount } from '../numerics/priors/kernel-groups.ts';
import { defaultKernelVae } from '../numerics/priors/kernel-vae-training.ts';
import { derive, rootKey } from '../numerics/tensors/random.ts';
import { type GroupReport, learnGroup } from './learn-kernel-group.ts';
import type { JobContext, Ports } from './ports.ts';
import { type LearnPriorResult, publishPrior } from './publish-prior.ts';
import type { GreyPicture } from './result-ports.ts';
import { type Sources, surveySources } from './survey-sources.ts';

/**
 * Learns a Deep Weight Prior: one VAE for each group of layers over the kernels of source nets (methods 1.2), judged on the
 * kernels of nets that were held out, beside a factorised and a full Gaussian and a mixture of Gaussians.
 * An interrupted run goes on after its last finished group.
 * @throws AppError `prior/too-few-nets`, `prior/nets-differ`, `prior/no-start`
 */
export async function learnPrior(
  ports: Ports,
  context: JobContext,
  request: JobRequest<'learn-prior'>,
): Promise<LearnPriorResult> {
  const startedMs = ports.machine.nowMs();
  const sources = await surveySources(ports, request);
  const { training, heldOut } = await readKernels(ports, context, request.sources, sources);
  const settings = { ...defaultKernelVae, steps: request.steps };
  const runKey = ports.runs.keyOf({
    job: 'learn-prior',
    sources: sources.snapshots,
    settings,
    judged: request.judged,
    seed: request.seed,
  });
  const saved = await ports.runs.loadCheckpoint(runKey);
  const weights: Record<string, NamedArrays[string]> = { ...saved?.arrays };
  const groups: GroupReport[] = [...((saved?.state['groups'] as GroupReport[] | undefined) ?? [])]; // as saved below
  const pictures: Record<string, GreyPicture> = {};
  for (let group = 1; group <= groupCount; group++) {
    const learned = await learnGroup(context, {
      group,
      training: training[group - 1]!,
      heldOut: heldOut[group - 1]!,
      settings,
      judged: request.judged,
      key: derive(rootKey(request.seed), 'learn-prior', group),
      learned: groups[group - 1] && { report: groups[group - 1]!, vae: ofGroup(weights, group) },
    });
    for (const [name, array] of Object.entries(learned.vae)) weights[`group-${group}/${name}`] = array;
    groups[group - 1] = learned.report;
    pictures[`group-${group}.png`] = learned.picture;
    await ports.runs.saveCheckpoint(runKey, { arrays: weights, state: { groups } });
  }
  return publishPrior(ports, {
    request,
    sources,
    settings,
    groups,
    weights,
    pictures,
    runKey,
    startedMs,
  });
}

/** Arrays of one group by their names within it. */
export const ofGroup = (weights: NamedArrays, group: number): NamedArrays => {
  const prefix = `group-${group}/`;
  return Object.fromEntries(
    Object.entries(weights).flatMap(([name, array]) =>
      name.startsWith(prefix) ? [[name.slice(prefix.length), array]] : [],
    ),
  );
};

export async function readKernels(
  ports: Ports,
  context: JobContext,
  folder: string,
  { net, snapshots, heldOutMembers }: Sources,
): Promise<{ readonly training: readonly GroupKernels[]; readonly heldOut: readonly GroupKernels[] }> {
  const parts = { training: [] as (readonly GroupKernels[])[], heldOut: [] as (readonly GroupKernels[])[] };
  for (const [done, at] of snapshots.entries()) {
    context.report({ phase: 'collecting kernels', done, total: snapshots.length, unit: 'snapshots' });
    await context.breathe('collecting kernels');
    const { weights } = await ports.sources.loadSnapshot(folder, at);
    parts[heldOutMembers.includes(at.member) ? 'heldOut' : 'training'].push(collectKernels(net, weights));
  }
  return { training: joinKernels(parts.training), heldOut: joinKernels(parts.heldOut) };
}
