import type { PosteriorComponent, WeightPosterior } from '../numerics/posteriors/weight-posterior.ts';
import type { JobContext, Ports } from './ports.ts';
import { type ModelTraining, type TrainedModel, trainMember } from './train-model.ts';

/** What drives components apart where the recipe says nothing: the entropy in full (methods 3). */
const fullEntropy = 1;

/**
 * A MaxEntropy Pursuit mixture on one set of scans: the first component is DWP, each further one is fitted against the mixture so far.
 * Each has the whole budget and the same weight: with a few scans the line search has nothing to tell them apart by.
 */
export async function trainMixture(
  ports: Ports,
  context: JobContext,
  job: ModelTraining,
): Promise<Omit<TrainedModel, 'posterior'> & { readonly posterior: WeightPosterior }> {
  const { recipe } = job;
  const pursued = { ...job, recipe: { ...recipe, lambda: recipe.lambda || fullEntropy } };
  const parts: TrainedModel[] = [];
  let components: PosteriorComponent[] = [];
  for (let member = 0; member < recipe.components; member++) {
    const from = member === 0 ? undefined : { name: `component ${member + 1}`, mixture: components };
    const part = await trainMember(ports, context, { ...pursued, ...(from && { from }) }, { method: 'dwp', member });
    parts.push(part);
    components = parts.map(({ posterior }) => ({ posterior, weight: 1 / parts.length, gate: undefined }));
  }
  return {
    posterior: components.length === 1 ? components[0]!.posterior : { kind: 'mixture', components, choice: 'weights' },
    steps: parts.reduce((sum, one) => sum + one.steps, 0),
    elapsedMs: parts.reduce((sum, one) => sum + one.elapsedMs, 0),
    curves: parts[0]!.curves,
    runKeys: parts.flatMap(({ runKeys }) => runKeys),
  };
}
