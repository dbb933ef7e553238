import { AppError } from '../../contract/errors/app-error.ts';
import type { JobRequest } from '../../contract/jobs.ts';
import type { NamedArrays } from '../numerics/models/named-arrays.ts';
import { tasksOfGroup } from '../numerics/priors/code-tasks.ts';
import { groupCount } from '../numerics/priors/kernel-groups.ts';
import { derive, rootKey } from '../numerics/tensors/random.ts';
import { type GroupReport, judgedKernels, learnGroup, nllOfVae } from './learn-kernel-group.ts';
import { ofGroup, readKernels } from './learn-prior.ts';
import type { JobContext, Ports } from './ports.ts';
import type { PriorReport } from './prior-report.ts';
import { type LearnPriorResult, publishPrior } from './publish-prior.ts';
import type { GreyPicture } from './result-ports.ts';
import { surveySources } from './survey-sources.ts';
import { defaultKernelUpdate, updateKernelGroup } from './update-kernel-group.ts';

/**
 * BooVAE over kernels (methods 5): a stored prior learns the kernels of a new data set, its own protected by their components alone. The result
 * is a prior of its own name; the old one stays. An interrupted run goes on after its last finished group.
 * @throws AppError `prior/too-few-nets`, `prior/nets-differ`, `storage/no-such-prior`
 */
export async function updatePrior(
  ports: Ports,
  context: JobContext,
  request: JobRequest<'learn-prior'> & { readonly update: string },
): Promise<LearnPriorResult> {
  const startedMs = ports.machine.nowMs();
  const old = await ports.priors.load(request.update);
  const sources = await surveySources(ports, request);
  const before = old.record['architecture'] as PriorReport['architecture'] | undefined; // as learnPrior writes it
  if (before && before.size !== sources.net.size)
    throw new AppError('prior/nets-differ', { folder: request.sources, first: request.update, second: 'the new nets' });
  const { training, heldOut } = await readKernels(ports, context, request.sources, sources);
  const settings = { ...defaultKernelUpdate, steps: request.steps, warmUp: 0 };
  const runKey = ports.runs.keyOf({
    job: 'update-prior',
    of: old.sha256,
    sources: sources.snapshots,
    settings,
    judged: request.judged,
    seed: request.seed,
  });
  const saved = await ports.runs.loadCheckpoint(runKey);
  const weights: Record<string, NamedArrays[string]> = { ...saved?.arrays };
  const state = (saved?.state as { groups: GroupReport[]; components: number[]; before: number[] } | undefined) ?? {
    groups: [],
    components: [],
    before: [],
  }; // as saved below
  const pictures: Record<string, GreyPicture> = {};
  for (let group = 1; group <= groupCount; group++) {
    const key = derive(rootKey(request.seed), 'update-prior', group);
    const own = { training: training[group - 1]!, heldOut: heldOut[group - 1]! };
    const done = state.groups[group - 1];
    if (!done) {
      const stored = ofGroup(old.weights, group);
      state.before[group - 1] = nllOfVae(stored, judgedKernels(own.heldOut, request.judged, key), key);
      const updated = await updateKernelGroup(context, {
        group,
        old: stored,
        kernels: own.training.values,
        recipe: settings,
        key,
      });
      for (const [name, array] of Object.entries(updated.vae)) weights[`group-${group}/${name}`] = array;
      state.components[group - 1] = updated.components;
    }
    const learned = await learnGroup(context, {
      group,
      ...own,
      settings,
      judged: request.judged,
      key,
      learned: { report: done, vae: ofGroup(weights, group) },
    });
    state.groups[group - 1] = learned.report;
    pictures[`group-${group}.png`] = learned.picture;
    await ports.runs.saveCheckpoint(runKey, { arrays: weights, state: { ...state } });
  }
  const slices = state.groups.reduce((sum, one) => sum + one.training.slices, 0);
  const nllBefore = state.groups.reduce((sum, one, n) => sum + (one.training.slices / slices) * state.before[n]!, 0);
  return publishPrior(ports, {
    request,
    sources,
    settings,
    groups: state.groups,
    weights,
    pictures,
    update: {
      of: { name: old.name, sha256: old.sha256 },
      tasks: tasksOfGroup(ofGroup(weights, 1)).length,
      components: state.components,
      nllBefore,
    },
    runKey,
    startedMs,
  });
}
