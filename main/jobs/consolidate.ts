import { AppError } from '../../contract/errors/app-error.ts';
import type { JobRequest } from '../../contract/jobs.ts';
import { scansThatTrained } from '../../contract/model.ts';
import { applyPlan } from '../imaging/preprocessing/apply-plan.ts';
import { refuseForeignFieldOfView, refuseNonFinite } from '../imaging/preprocessing/checks.ts';
import { centre } from '../numerics/posteriors/posterior-mean.ts';
import { derive, rootKey } from '../numerics/tensors/random.ts';
import { type AdaptResult, budgetOf, hashesOf } from './adapt.ts';
import { distillationCases } from './distillation-cases.ts';
import { groupChannels } from './group-channels.ts';
import type { PreparedCase } from './labelled-cases.ts';
import { type LoadedModel, loadModel } from './load-model.ts';
import type { JobContext, Ports } from './ports.ts';
import { publishModel } from './publish-model.ts';
import { pooledGate, scanGate } from './scan-gate.ts';
import { trainModel } from './train-model.ts';
import { parseRecipe, settingsOf } from './training-recipe.ts';

export type ConsolidateResult = Omit<
  AdaptResult,
  'heldOut' | 'heldOutDice' | 'methodChoice' | 'intervalCalibration'
> & {
  /** Components that became one. */
  readonly components: number;
};

/**
 * Distils a mixture's components into one Gaussian, so that storage stops growing with sites: learned from scans at hand, without labels and
 * without any old scan. What that costs in Dice, `reproduce site-update` measures; the mixture stays, as an earlier version.
 * @throws AppError `update/no-mixture`, `job/prior-needed`, and those of reading scans
 */
export async function consolidate(
  ports: Ports,
  context: JobContext,
  request: JobRequest<'consolidate'>,
): Promise<ConsolidateResult> {
  const base = await loadModel(ports, request.model, request.modelVersion);
  const { net, record, posterior } = base;
  if (posterior.kind !== 'mixture') throw new AppError('update/no-mixture', { name: record.name });
  const priorName = request.prior ?? record.prior?.name;
  if (priorName === undefined) throw new AppError('job/prior-needed', { method: 'dwp' });
  const prior = await ports.priors.load(priorName);
  const recipe = parseRecipe({ ...settingsOf(record), ...request.settings, size: net.size });
  const scans = await readUnlabelled(ports, context, request.images, base);
  const cases = await distillationCases({ net, plan: record.plan, mixture: posterior }, scans, {
    key: derive(rootKey(request.seed), 'consolidate', 'label'),
    breathe: () => context.breathe('labelling by the mixture'),
  });
  const trained = await trainModel(ports, context, {
    method: 'dwp',
    net,
    plan: record.plan,
    training: cases,
    heldOut: [],
    prior,
    recipe,
    budget: budgetOf(request, recipe, cases.length),
    seed: request.seed,
    key: derive(rootKey(request.seed), 'consolidate'),
    from: {
      name: `consolidation of ${record.name}@${record.modelVersion} of ${record.createdAt}`,
      mean: centre(posterior),
    },
  });
  const next = {
    version: 2 as const,
    name: request.name ?? record.name,
    method: 'dwp' as const,
    architecture: record.architecture,
    weights: { kind: trained.posterior.kind, members: 1 },
    mixture: null,
    gate: pooledGate(posterior.components.map(({ gate }) => gate)) ?? scanGate(scans, net.inputChannels),
    borderDeviation: recipe.borderDeviation,
    temperature: recipe.temperature,
    intervalCalibration: null,
    channels: record.channels,
    structures: record.structures,
    plan: record.plan,
    prior: { name: prior.name, sha256: prior.sha256 },
    training: {
      scans: scans.map(hashesOf),
      heldOut: [],
      before: scansThatTrained(record),
      seed: request.seed,
      steps: trained.steps,
      elapsedMs: trained.elapsedMs,
      settings: recipe,
    },
    metrics: {
      curves: trained.curves,
      consolidated: { name: record.name, modelVersion: record.modelVersion, components: posterior.components.length },
    },
    compute: ports.machine.compute,
  };
  const published = await publishModel(ports, next, trained.posterior, { trained });
  return {
    model: { name: published.name, version: published.modelVersion, method: published.method },
    components: posterior.components.length,
    trainedOn: scans.length,
    steps: trained.steps,
    elapsedMs: trained.elapsedMs,
    curves: trained.curves,
    compute: ports.machine.compute,
  };
}

/** Scans on the model's grid; nobody has labelled them. */
async function readUnlabelled(
  ports: Ports,
  context: JobContext,
  images: string,
  { record, net }: LoadedModel,
): Promise<readonly PreparedCase[]> {
  const scans = groupChannels(await ports.scans.listScans(images), net.inputChannels);
  const cases: PreparedCase[] = [];
  for (const [done, { name, channels }] of scans.entries()) {
    context.report({ phase: 'reading scans', done, total: scans.length, unit: 'scans' });
    await context.breathe('reading scans');
    const volumes = await Promise.all(channels.map(({ path }) => ports.scans.readVolume(path)));
    for (const volume of volumes) refuseNonFinite(volume, name);
    refuseForeignFieldOfView(volumes[0]!, record.plan);
    const { tensor: image, size } = applyPlan(volumes, record.plan, name);
    const imageSha256 = volumes.map((volume) => ports.scans.hashVolume(volume)).join('+');
    cases.push({ name, image, size, labels: new Uint8Array(0), imageSha256, labelSha256: '' });
  }
  return cases;
}
