import type { ModelRecord } from '../../contract/model.ts';
import { posteriorToNamed, type WeightPosterior } from '../numerics/posteriors/weight-posterior.ts';
import { modelCard } from './model-card.ts';
import type { ModelDraft, Ports } from './ports.ts';
import type { TrainedModel } from './train-model.ts';

/** Makes a model version of what was trained, with its card; the runs behind it are finished then. */
export async function publishModel(
  ports: Ports,
  record: ModelDraft['record'],
  posterior: WeightPosterior,
  {
    trained,
    makeCurrent = true,
  }: { readonly trained: Pick<TrainedModel, 'runKeys' | 'steps'>; readonly makeCurrent?: boolean },
): Promise<ModelRecord> {
  const weights = posteriorToNamed(record.architecture, posterior);
  const card = modelCard(record, await ports.evidence());
  const published = await ports.models.publish({ record, weights, card }, { makeCurrent });
  const outcome = { model: published.name, version: published.modelVersion, steps: trained.steps };
  for (const runKey of trained.runKeys) await ports.runs.finish(runKey, outcome);
  return published;
}
