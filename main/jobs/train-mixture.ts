import type { PosteriorComponent, WeightPosterior } from '../numerics/posteriors/weight-posterior.ts';
import type { JobContext, Ports } from './ports.ts';
import { joined, type ModelTraining, type TrainedModel, trainMember } from './train-model.ts';
import type { Budget } from './training-run.ts';

/** What drives components apart where the recipe says nothing: the entropy in full (methods 3). */
const fullEntropy = 1;

/**
 * A MaxEntropy Pursuit mixture on one set of scans: the first component is DWP, each further one is fitted against the mixture so far.
 * Minutes are shared, steps are each component's own, as in an ensemble; weights are equal: with a few scans the line search has nothing to
 * tell components apart by.
 */
export async function trainMixture(
  ports: Ports,
  context: JobContext,
  job: ModelTraining,
): Promise<Omit<TrainedModel, 'posterior'> & { readonly posterior: WeightPosterior }> {
  const { recipe } = job;
  const count = recipe.components;
  const budget: Budget = 'minutes' in job.budget ? { minutes: job.budget.minutes / count } : job.budget;
  const pursued = { ...job, budget, recipe: { ...recipe, lambda: recipe.lambda || fullEntropy } };
  const parts: TrainedModel[] = [];
  let components: PosteriorComponent[] = [];
  for (let member = 0; member < count; member++) {
    const from = member === 0 ? undefined : { name: `component ${member + 1}`, mixture: components };
    const one = { ...pursued, ...(from && { from }) };
    parts.push(await trainMember(ports, context, one, { method: 'dwp', member, of: count }));
    components = parts.map(({ posterior }) => ({ posterior, weight: 1 / parts.length, gate: undefined }));
  }
  return joined(
    parts,
    components.length === 1 ? components[0]!.posterior : { kind: 'mixture', components, choice: 'weights' },
  );
}
