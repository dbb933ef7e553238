import type { PreprocessingPlan } from '../../contract/model.ts';
import { makePlan } from '../imaging/preprocessing/make-plan.ts';
import type { UnetArchitecture } from '../numerics/models/unet-layers.ts';
import type { Structure } from './evaluate-case.ts';
import { channelNames, commonLabels, type PreparedCase, prepareCase, readCases } from './labelled-cases.ts';
import type { JobContext, LabelledCase, LabelledDataset, Ports } from './ports.ts';
import type { Recipe } from './training-recipe.ts';

/** Scans and network of a training, from the data's own fingerprint. */
export interface PreparedTraining {
  readonly net: UnetArchitecture;
  readonly plan: PreprocessingPlan;
  readonly structures: readonly Structure[];
  /** Names of the network's input channels. */
  readonly channels: readonly string[];
  readonly training: readonly PreparedCase[];
  readonly heldOut: readonly PreparedCase[];
}

export interface TrainingSplit {
  readonly dataset: LabelledDataset;
  readonly training: readonly LabelledCase[];
  readonly heldOut: readonly LabelledCase[];
}

/**
 * Reads and checks labelled scans, plans preprocessing from the training scans alone, and brings all to the plan's grid.
 * @throws AppError of the data, imaging and storage areas
 */
export async function prepareTraining(
  ports: Ports,
  context: JobContext,
  { dataset, training, heldOut }: TrainingSplit,
  recipe: Recipe,
): Promise<PreparedTraining> {
  const [raw, rawHeldOut] = [await readCases(ports, context, training), await readCases(ports, context, heldOut)];
  const labels = commonLabels([...raw, ...rawHeldOut]);
  const plan = makePlan(raw);
  const channels = channelNames(dataset, raw[0]!); // a split leaves at least two
  const classOf = new Map(labels.map((label, place) => [label, place + 1]));
  return {
    net: {
      family: 'residual-unet',
      size: recipe.size,
      inputChannels: channels.length,
      classes: labels.length + 1,
    },
    plan,
    channels,
    structures: labels.map((label) => ({
      label,
      name: dataset.labelNames[label] ?? raw[0]?.labels.structureNames?.[label] ?? `label ${label}`,
    })),
    training: raw.map((one) => prepareCase(ports, one, plan, classOf)),
    heldOut: rawHeldOut.map((one) => prepareCase(ports, one, plan, classOf)),
  };
}
