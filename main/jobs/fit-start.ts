import type { NamedArrays } from '../numerics/models/named-arrays.ts';
import { randomArrays, type UnetArrays } from '../numerics/models/unet-weights.ts';
import { derive, type RandomKey } from '../numerics/tensors/random.ts';
import { disposeRecord } from '../numerics/tensors/tensor-record.ts';
import { fitHead, type HeadVoxels, headVoxels } from '../numerics/training/fit-head.ts';
import { pretrainedArrays, tensorsOf } from '../numerics/training/start-weights.ts';
import type { JobContext } from './ports.ts';
import { type TrainingData, trainingBatches } from './training-batches.ts';

/** Augmented patches that the head is fitted to. */
const patches = 16;
const phase = 'fitting the last layer';

/** The source net with a head that is fitted to the scans, for a training to begin from. */
export async function fittedStart(
  context: JobContext,
  data: TrainingData,
  prior: NamedArrays,
  key: RandomKey,
): Promise<UnetArrays> {
  const { net, recipe } = data;
  const start = pretrainedArrays(net, prior, randomArrays(net, derive(key, 'start')));
  const weights = tensorsOf(net, start);
  const voxels: HeadVoxels[] = [];
  try {
    const batchOf = trainingBatches(data, derive(key, 'batches'));
    const batches = Math.ceil(patches / recipe.batch);
    for (let n = 0; n < batches; n++) {
      context.report({ phase, done: n, total: batches, unit: 'batches' });
      await context.breathe(phase);
      for (const [place, example] of (await batchOf(n)).entries()) {
        voxels.push(headVoxels(net, weights, example, derive(key, 'voxels', n, place)));
        disposeRecord({ ...example });
      }
    }
    return fitHead(net, start, voxels);
  } finally {
    disposeRecord(weights);
    for (const one of voxels) disposeRecord({ ...one });
  }
}
