import type { ComponentChoice, MixtureComponentRecord, ModelRecord } from '../../contract/model.ts';
import { featureLogDensity } from '../numerics/inference/feature-density.ts';
import { scanFeatures } from '../numerics/inference/scan-features.ts';
import { heaviest } from '../numerics/posteriors/posterior-mean.ts';
import type { MixturePosterior, PosteriorComponent, SinglePosterior } from '../numerics/posteriors/weight-posterior.ts';
import type { PreparedCase } from './labelled-cases.ts';
import type { LoadedModel } from './load-model.ts';

/** The sites that a model knows; a model of one site is a mixture of one. */
export function componentRecords({
  name,
  modelVersion,
  weights,
  mixture,
  gate,
  training,
}: ModelRecord): readonly MixtureComponentRecord[] {
  if (mixture)
    return mixture.components.map((one) => ({
      ...one,
      addedBy: { ...one.addedBy, modelVersion: one.addedBy.modelVersion ?? modelVersion },
    }));
  const { kind, members } = weights;
  if (kind === 'mixture') throw new RangeError('a mixture without components'); // refused when it was loaded
  const scans = gate?.scans ?? training.scans.length; // a consolidated model stands for all sites' scans
  return [{ site: 'site 1', weights: { kind, members }, weight: 1, scans, addedBy: { name, modelVersion }, gate }];
}

/** The same with their posteriors. */
export function componentsOf({
  record,
  posterior,
}: Pick<LoadedModel, 'record' | 'posterior'>): readonly PosteriorComponent[] {
  return posterior.kind === 'mixture'
    ? posterior.components
    : [{ posterior, weight: 1, gate: record.gate ?? undefined }];
}

/** A site that joins. */
export interface NewSite extends Pick<MixtureComponentRecord, 'site' | 'scans' | 'addedBy' | 'gate'> {
  readonly posterior: SinglePosterior;
}

export interface GrownMixture {
  readonly posterior: MixturePosterior;
  readonly mixture: NonNullable<ModelRecord['mixture']>;
}

/** (1 - a) q + a h with a the new site's share of all scans: without the old scans no weight can be searched for (methods 3). */
export function addSite(
  model: Pick<LoadedModel, 'record' | 'posterior'>,
  { posterior, ...site }: NewSite,
  choice: ComponentChoice,
): GrownMixture {
  const old = componentRecords(model.record);
  const share = site.scans / (site.scans + old.reduce((sum, { scans }) => sum + scans, 0));
  const members = posterior.kind === 'ensemble' ? posterior.members.length : 1;
  const records = [
    ...old.map((one) => ({ ...one, weight: one.weight * (1 - share) })),
    { ...site, weights: { kind: posterior.kind, members }, weight: share },
  ];
  const posteriors = [...componentsOf(model).map((one) => one.posterior), posterior];
  return {
    mixture: { choice, components: records },
    posterior: {
      kind: 'mixture',
      choice,
      components: records.map(({ weight, gate }, n) => ({
        posterior: posteriors[n]!,
        weight,
        gate: gate ?? undefined,
      })),
    },
  };
}

/** The component that would be given most of these scans by its gate; where one keeps none, the heaviest. */
export function nearestComponent(
  components: readonly PosteriorComponent[],
  cases: readonly PreparedCase[],
  channels: number,
): PosteriorComponent {
  const features = cases.map(({ image, size }) => scanFeatures(image, size, channels));
  const fit = components.map(({ gate }) =>
    gate ? features.reduce((sum, one) => sum + featureLogDensity(gate, one), 0) : undefined,
  );
  if (fit.includes(undefined)) return heaviest({ kind: 'mixture', components, choice: 'weights' });
  return components[fit.indexOf(Math.max(...fit.map((value) => value!)))]!; // every one is there
}
