import type { JobRequest } from '../../contract/jobs.ts';
import { type ComponentChoice, scansThatTrained } from '../../contract/model.ts';
import { posteriorMean } from '../numerics/posteriors/posterior-mean.ts';
import { derive, rootKey } from '../numerics/tensors/random.ts';
import { type AdaptResult, budgetOf, hashesOf, lastOf } from './adapt.ts';
import { addSite, componentsOf } from './mixture-record.ts';
import { networkFigures } from './network-figures.ts';
import type { JobContext, Ports } from './ports.ts';
import { type PreparedUpdate, prepareUpdate } from './prepare-update.ts';
import { publishModel } from './publish-model.ts';
import { scanGate } from './scan-gate.ts';
import { trainModel } from './train-model.ts';

export interface UpdateResult extends Omit<AdaptResult, 'methodChoice' | 'intervalCalibration'> {
  /** Dice on the held-out scans of the new site before the update, of the component that the new one started from. */
  readonly heldOutDiceBefore: number | null;
  readonly sites: readonly { readonly site: string; readonly scans: number; readonly weight: number }[];
  readonly choice: ComponentChoice;
}

/**
 * A new site joins a model: its posterior, fitted to the new scans alone and begun at what the model knows, becomes a component of a
 * mixture (methods 3 and 5). No old scan is needed, and what the model knew of the old sites stays bit for bit.
 * @throws AppError of `prepareUpdate`, and those of adapting
 */
export async function update(ports: Ports, context: JobContext, request: JobRequest<'update'>): Promise<UpdateResult> {
  const prepared = await prepareUpdate(ports, context, request);
  const { base, net, recipe, choice, prior, plan, training, heldOut } = prepared;
  const { record } = base;
  const trained = await trainModel(ports, context, {
    ...prepared,
    method: request.method,
    budget: budgetOf(request, recipe, training.length),
    seed: request.seed,
    key: derive(rootKey(request.seed), 'update'),
  });
  const site = request.site ?? `site ${componentsOf(base).length + 1}`;
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
    borderDeviation: recipe.borderDeviation,
    temperature: recipe.temperature,
    intervalCalibration: null,
    channels: record.channels,
    structures: record.structures,
    plan,
    prior: prior ? { name: prior.name, sha256: prior.sha256 } : null,
    training: {
      scans: training.map(hashesOf),
      heldOut: heldOut.map(hashesOf),
      before: scansThatTrained(record),
      seed: request.seed,
      steps: trained.steps,
      elapsedMs: trained.elapsedMs,
      settings: recipe,
    },
    metrics: { heldOutDice: lastOf(trained, 'heldOutDice'), curves: trained.curves },
    compute: ports.machine.compute,
  };
  const heldOutDiceBefore = await diceBefore(prepared, context);
  const published = await publishModel(ports, next, grown.posterior, {
    trained,
    makeCurrent: request.makeCurrent,
  });
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

/** Dice on the held-out scans of the component that the new one started from. */
async function diceBefore({ net, start, heldOut, plan }: PreparedUpdate, context: JobContext): Promise<number | null> {
  if (heldOut.length === 0) return null;
  const weights = posteriorMean(net, start.posterior);
  try {
    const breathe = () => context.breathe('checking the model before');
    return (await networkFigures(net, weights, heldOut, { plan, breathe })).dice;
  } finally {
    weights.kernels.dispose();
    weights.points.dispose();
  }
}
