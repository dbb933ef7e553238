import { AppError } from '../../contract/errors/app-error.ts';
import type { JobRequest } from '../../contract/jobs.ts';
import type { ComponentChoice, ModelRecord, PreprocessingPlan } from '../../contract/model.ts';
import { fieldOfViewMm } from '../imaging/geometry/grids.ts';
import { turnGrid, turnTo } from '../imaging/geometry/orientation.ts';
import { centre } from '../numerics/posteriors/posterior-mean.ts';
import type { PosteriorComponent } from '../numerics/posteriors/weight-posterior.ts';
import { perAxis } from '../numerics/tensors/per-axis.ts';
import type { LearnedStart } from '../numerics/training/training-method.ts';
import { chosenCases, splitCases } from './adapt.ts';
import { labelValues, type PreparedCase, prepareCase, type RawCase, readCases } from './labelled-cases.ts';
import { type LoadedModel, loadModel } from './load-model.ts';
import { componentRecords, componentsOf, nearestComponent } from './mixture-record.ts';
import type { JobContext, Ports, StoredPrior } from './ports.ts';
import type { PreparedTraining, TrainingSplit } from './prepare-training.ts';
import { parseRecipe, type Recipe, settingsOf } from './training-recipe.ts';

/** What a model learns a further site from. */
export interface PreparedUpdate extends Omit<PreparedTraining, 'structures' | 'channels'> {
  readonly base: LoadedModel;
  readonly recipe: Recipe;
  readonly choice: ComponentChoice;
  readonly prior: StoredPrior | undefined;
  /** The model's component that the new one starts from. */
  readonly start: PosteriorComponent;
  readonly from: LearnedStart & { readonly name: string };
}

/**
 * Reads a model and the new site's labelled scans, on the model's own grid, labels and channels, and finds where the new component starts.
 * @throws AppError `update/structures-differ`, `update/no-gate`, `job/prior-needed`, `data/channel-count`, and those of reading scans
 */
export async function prepareUpdate(
  ports: Ports,
  context: JobContext,
  request: JobRequest<'update'>,
): Promise<PreparedUpdate> {
  const base = await loadModel(ports, request.model, request.modelVersion);
  const { net, record } = base;
  const recipe = parseRecipe({ ...settingsOf(record), ...request.settings, size: net.size });
  const choice = choiceFor(base, request.choice);
  const priorName = request.prior ?? record.prior?.name;
  if (request.method === 'dwp' && priorName === undefined) throw new AppError('job/prior-needed', { method: 'dwp' });
  const prior = priorName === undefined ? undefined : await ports.priors.load(priorName);
  const dataset = await ports.scans.readDataset(request);
  const split = splitCases(chosenCases(dataset, request.cases), request);
  const scans = await prepareForModel(ports, context, { dataset, ...split }, base);
  const components = componentsOf(base);
  const start = nearestComponent(components, scans.training, net.inputChannels);
  const from = {
    name: `${record.name}@${record.modelVersion} of ${record.createdAt}`,
    mean: centre(start.posterior),
    mixture: components,
  };
  return { base, net, recipe, choice, prior, ...scans, start, from };
}

/** By the scan's features where every site keeps its gate, else by the least doubt: on two sites both chose alike, the gate without a pass more, and weights alone lost the old site (docs/results/site-update.md). */
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
