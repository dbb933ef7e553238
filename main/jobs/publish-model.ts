import { AppError } from '../../contract/errors/app-error.ts';
import type { Evidence } from '../../contract/evidence.ts';
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
  const card = modelCard(record, await evidenceIfThere(ports));
  const published = await ports.models.publish({ record, weights, card }, { makeCurrent });
  const outcome = { model: published.name, version: published.modelVersion, steps: trained.steps };
  for (const runKey of trained.runKeys) await ports.runs.finish(runKey, outcome);
  return published;
}

/** Without figures where the program's own file of them is damaged: what took hours of training is kept all the same. */
async function evidenceIfThere(ports: Ports): Promise<Evidence> {
  try {
    return await ports.evidence();
  } catch (cause) {
    if (cause instanceof AppError) return { version: 1, targets: [] };
    throw cause;
  }
}
