import type { ModelRecord } from '../../contract/model.ts';
import type { UnetArchitecture } from '../numerics/models/unet-layers.ts';
import { posteriorFromNamed, type WeightPosterior } from '../numerics/posteriors/weight-posterior.ts';
import type { Ports } from './ports.ts';

export interface LoadedModel {
  readonly record: ModelRecord;
  readonly net: UnetArchitecture;
  readonly posterior: WeightPosterior;
}

export async function loadModel(ports: Ports, name: string, modelVersion: number | undefined): Promise<LoadedModel> {
  const { record, weights } = await ports.models.load(name, modelVersion);
  return {
    record,
    net: record.architecture,
    posterior: posteriorFromNamed(record.architecture, record, weights),
  };
}
