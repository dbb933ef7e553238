import { AppError } from '../../contract/errors/app-error.ts';
import type { JobRequest } from '../../contract/jobs.ts';
import type { ComponentChoice, ModelRecord, PreprocessingPlan } from '../../contract/model.ts';
import { fieldOfViewMm } from '../imaging/geometry/grids.ts';
import { turnGrid, turnTo } from '../imaging/geometry/orientation.ts';
import { centre, posteriorMean } from '../numerics/posteriors/posterior-mean.ts';
import { perAxis } from '../numerics/tensors/per-axis.ts';
import { derive, rootKey } from '../numerics/tensors/random.ts';
import { type AdaptResult, budgetOf, chosenCases, hashesOf, lastOf, splitCases } from './adapt.ts';
import { labelValues, type PreparedCase, prepareCase, type RawCase, readCases } from './labelled-cases.ts';
import { type LoadedModel, loadModel } from './load-model.ts';
import { addSite, componentRecords, componentsOf, nearestComponent } from './mixture-record.ts';
import { networkFigures } from './network-figures.ts';
import type { JobContext, Ports } from './ports.ts';
import type { TrainingSplit } from './prepare-training.ts';
import { publishModel } from './publish-model.ts';
import { scanGate } from './scan-gate.ts';
import { trainModel } from './train-model.ts';
import { parseRecipe } from './training-recipe.ts';

export interface UpdateResult extends Omit<AdaptResult, 'methodChoice'> {
  /** Dice on the held-out scans of the new site before the update, of the component that the new one started from. */
  readonly heldOutDiceBefore: number | null;
  readonly sites: readonly { readonly site: string; readonly scans: number; readonly weight: number }[];
  readonly choice: ComponentChoice;
}

/**
 * A new site joins a model: its posterior, fitted to the new scans alone and begun at what the model knows, becomes a component of a
 * mixture (methods 3 and 5). No old scan is needed, and what the model knew of the old sites stays bit for bit.
 * @throws AppError `update/structures-differ`, `update/no-gate`, `job/prior-needed` and those of adapting
 */
export async function update(ports: Ports, context: JobContext, request: JobRequest<'update'>): Promise<UpdateResult> {
  const base = await loadModel(ports, request.model, request.modelVersion);
  const { net, record } = base;
  const recipe = parseRecipe({ ...record.training.settings, ...request.settings, size: net.size });
  const choice = choiceFor(base, request.choice);
  const priorName = request.prior ?? record.prior?.name;
  if (request.method === 'dwp' && priorName === undefined) throw new AppError('job/prior-needed', { method: 'dwp' });
  const prior = priorName === undefined ? undefined : await ports.priors.load(priorName);
  const dataset = await ports.scans.readDataset(request);
  if (dataset.channels.length !== net.inputChannels)
    throw new AppError('data/channel-count', { found: dataset.channels.length, needed: net.inputChannels });
  const split = splitCases(chosenCases(dataset, request.cases), request);
  const { plan, training, heldOut } = await prepareForModel(ports, context, { dataset, ...split }, base);
  const components = componentsOf(base);
  const start = nearestComponent(components, training, net.inputChannels);
  const trained = await trainModel(ports, context, {
    method: request.method,
    net,
    plan,
    training,
    heldOut,
    prior,
    recipe,
    budget: budgetOf(request, recipe, training.length),
    seed: request.seed,
    key: derive(rootKey(request.seed), 'update'),
    from: {
      name: `${record.name}@${record.modelVersion} of ${record.createdAt}`,
      mean: centre(start.posterior),
      mixture: components,
    },
  });
  const site = request.site ?? `site ${components.length + 1}`;
  const grown = addSite(
    base,
    {
      site,
      posterior: trained.posterior,
      scans: training.length,
      addedBy: { name: request.name ?? record.name, modelVersion: null },
      gate: scanGate(training, net.inputChannels),
    },
    choice,
  );
  const next = {
    version: 2 as const,
    name: request.name ?? record.name,
    method: request.method,
    architecture: record.architecture,
    weights: { kind: 'mixture' as const, members: grown.mixture.components.length },
    mixture: grown.mixture,
    gate: null,
    borderDeviation: record.borderDeviation,
    channels: record.channels,
    structures: record.structures,
    plan,
    prior: prior ? { name: prior.name, sha256: prior.sha256 } : null,
    training: {
      scans: training.map(hashesOf),
      heldOut: heldOut.map(hashesOf),
      seed: request.seed,
      steps: trained.steps,
      elapsedMs: trained.elapsedMs,
      settings: recipe,
    },
    metrics: { heldOutDice: lastOf(trained, 'heldOutDice'), curves: trained.curves },
    compute: ports.machine.compute,
  };
  const heldOutDiceBefore = heldOut.length > 0 ? await diceOf(base, start.posterior, heldOut, plan, context) : null;
  const published = await publishModel(ports, next, grown.posterior, { trained });
  return {
    model: { name: published.name, version: published.modelVersion, method: published.method },
    trainedOn: training.length,
    heldOut: heldOut.length,
    heldOutDice: lastOf(trained, 'heldOutDice'),
    heldOutDiceBefore,
    sites: grown.mixture.components.map(({ site: name, scans, weight }) => ({ site: name, scans, weight })),
    choice,
    steps: trained.steps,
    elapsedMs: trained.elapsedMs,
    curves: trained.curves,
    compute: ports.machine.compute,
  };
}

/** By the scan's features where every site keeps its gate, else by the least doubt; the choices have not been measured against each other yet. */
function choiceFor({ record }: LoadedModel, asked: ComponentChoice | undefined): ComponentChoice {
  const without = componentRecords(record).filter(({ gate }) => gate === null);
  if (asked === 'gate' && without.length > 0)
    throw new AppError('update/no-gate', { sites: without.map(({ site }) => site).join(', ') });
  return asked ?? record.mixture?.choice ?? (without.length > 0 ? 'entropy' : 'gate');
}

/** Reads and checks the new site's scans, and brings them to the model's own grid, labels and channels. */
async function prepareForModel(
  ports: Ports,
  context: JobContext,
  { training, heldOut }: TrainingSplit,
  { record }: LoadedModel,
): Promise<{
  readonly plan: PreprocessingPlan;
  readonly training: readonly PreparedCase[];
  readonly heldOut: readonly PreparedCase[];
}> {
  const [raw, rawHeldOut] = [await readCases(ports, context, training), await readCases(ports, context, heldOut)];
  const labels = record.structures.map(({ label }) => label);
  for (const one of [...raw, ...rawHeldOut]) refuseOtherStructures(one, record);
  const classOf = new Map(labels.map((label, place) => [label, place + 1]));
  const plan = widened(record.plan, raw);
  const prepared = (cases: readonly RawCase[]) => cases.map((one) => prepareCase(ports, one, record.plan, classOf));
  return { plan, training: prepared(raw), heldOut: prepared(rawHeldOut) };
}

function refuseOtherStructures(raw: RawCase, { structures }: ModelRecord): void {
  const known = structures.map(({ label }) => label).sort((a, b) => a - b);
  const found = labelValues(raw);
  if (found.length === 0) throw new AppError('data/empty-label', { name: raw.name });
  if (found.join() !== known.join())
    throw new AppError('update/structures-differ', {
      name: raw.name,
      found: found.join(', '),
      known: known.join(', '),
    });
}

/** The plan with fields of view that hold the new scans' too. */
function widened(plan: PreprocessingPlan, cases: readonly RawCase[]): PreprocessingPlan {
  const sides = cases.map(({ channels: [first] }) =>
    fieldOfViewMm(turnGrid(first!, turnTo(first!.affineRasMm, plan.orientation))),
  );
  const { low, high } = plan.fieldOfViewMm;
  return {
    ...plan,
    fieldOfViewMm: {
      low: [...perAxis((axis) => Math.min(low[axis], ...sides.map((side) => side[axis])))],
      high: [...perAxis((axis) => Math.max(high[axis], ...sides.map((side) => side[axis])))],
    },
  };
}

async function diceOf(
  { net }: LoadedModel,
  posterior: LoadedModel['posterior'],
  cases: readonly PreparedCase[],
  plan: PreprocessingPlan,
  context: JobContext,
): Promise<number> {
  const weights = posteriorMean(net, posterior);
  try {
    const breathe = () => context.breathe('checking the model before');
    return (await networkFigures(net, weights, cases, { plan, breathe })).dice;
  } finally {
    weights.kernels.dispose();
    weights.points.dispose();
  }
}
