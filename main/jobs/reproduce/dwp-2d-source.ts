import { type Tensor, type Tensor2D, type Tensor4D, tensor2d, tidy, valueAndGrads } from '@tensorflow/tfjs-core';
import type { NamedArrays } from '../../numerics/models/named-arrays.ts';
import {
  planeKernels,
  planeLayers,
  planeShapes,
  planeSide,
  planeStart,
  slicesOf,
} from '../../numerics/models/plane-cnn.ts';
import { type PlaneKernelVae, planeLogBound, planeVaeStart } from '../../numerics/models/plane-kernel-vae.ts';
import { fused } from '../../numerics/tensors/fused/fused-functions.ts';
import { derive, type RandomKey, shuffled, uniforms } from '../../numerics/tensors/random.ts';
import { disposeRecord, toArrays, toTensors } from '../../numerics/tensors/tensor-record.ts';
import { adamDispose, adamInit, adamStep } from '../../numerics/training/adam.ts';
import { labelTensor, type PlaneState, planeClasses, planeStep } from '../../numerics/training/plane-training.ts';
import type { JobContext, Ports } from '../ports.ts';
import { chooseImages, countImages, type DigitImages, imageTensor, ofClasses } from './digit-images.ts';
import type { PlaneSettings } from './dwp-2d-settings.ts';

/** The VAE of each layer: 7 x 7 with 2 codes, 5 x 5 with 4 (methods 6). */
export const planeVaes: Readonly<Record<(typeof planeLayers)[number], PlaneKernelVae>> = {
  'conv-1': { size: planeKernels['conv-1'] ** 2, hidden: 32, latent: 2 },
  'conv-2': { size: planeKernels['conv-2'] ** 2, hidden: 64, latent: 4 },
};

export interface PlaneSource {
  /** VAEs by layer: `conv-1/encoder/...`. */
  readonly vaes: NamedArrays;
  readonly record: {
    /** Accuracy of the source nets on 1,000 test images of their own set. */
    readonly accuracies: readonly number[];
    readonly kernels: readonly number[];
    readonly dropped: readonly number[];
    /** Last mean negative bounds, nats a slice. */
    readonly bounds: readonly number[];
    /**
     * What the VAEs know beyond the size of the weights: their bound above the log-density of N(0, spread^2), nats a slice. Near 0, the nets kept
     * the noise that they started from.
     */
    readonly gains: readonly number[];
  };
}

const allClasses = Array.from({ length: 10 }, (_, n) => n);
export const fourAxes = (images: DigitImages, chosen?: ArrayLike<number>): Tensor4D => {
  const flat = imageTensor(images, chosen);
  const square = flat.reshape([flat.shape[0], planeSide, planeSide, 1]) as Tensor4D;
  flat.dispose();
  return square;
};

/** Trains source nets on Fashion-MNIST and the kernel VAEs on their slices; done once a set of settings. */
export async function planeSource(
  ports: Ports,
  context: JobContext,
  {
    settings,
    images,
    test,
  }: { readonly settings: PlaneSettings; readonly images: DigitImages; readonly test: DigitImages },
  key: RandomKey,
): Promise<PlaneSource> {
  const { sourceNets, sourceChannels, sourceImages, sourceEpochs, sourceBatch, sourceRate } = settings;
  const { decay, leastNorms, vaeSteps } = settings;
  const nets = { sourceNets, sourceChannels, sourceImages, sourceEpochs, sourceBatch, sourceRate, decay };
  const runKey = ports.runs.keyOf({
    experiment: 'dwp-2d',
    stage: 'source',
    settings: { ...nets, leastNorms, vaeSteps },
  });
  const found = await ports.runs.loadCheckpoint(runKey);
  if (found) return { vaes: found.arrays, record: found.state['record'] as PlaneSource['record'] }; // as saved below
  const chosen = ofClasses(images, allClasses, sourceImages / 10);
  const judged = ofClasses(test, allClasses, 100);
  const slices: Record<string, Float32Array[]> = { 'conv-1': [], 'conv-2': [] };
  const accuracies: number[] = [];
  for (let net = 0; net < sourceNets; net++) {
    const own = derive(key, 'source', net);
    const trained = await trainSource(
      context,
      { settings, images: chosen, judged, title: `source net ${net + 1} of ${sourceNets}` },
      own,
    );
    accuracies.push(trained.accuracy);
    for (const layer of planeLayers) slices[layer]!.push(trained.slices[layer]!);
  }
  const vaes: Record<string, NamedArrays[string]> = {};
  const [kernels, dropped, bounds, gains]: [number[], number[], number[], number[]] = [[], [], [], []];
  for (const [place, layer] of planeLayers.entries()) {
    const { size } = planeVaes[layer];
    const all = slices[layer]!.flatMap((rows) => rowsOf(rows, size));
    const kept = all.filter((row) => Math.hypot(...row) >= leastNorms[place]!);
    kernels.push(kept.length);
    dropped.push(all.length - kept.length);
    const learned = await trainVae(
      context,
      { shape: planeVaes[layer], kernels: kept, steps: vaeSteps, title: `VAE of ${layer}` },
      derive(key, 'vae', layer),
    );
    bounds.push(learned.bound);
    gains.push(
      size * (Math.log(learned.vae['spread']!.data[0]!) + 0.5 * Math.log(2 * Math.PI * Math.E)) - learned.bound,
    );
    for (const [name, array] of Object.entries(learned.vae)) vaes[`${layer}/${name}`] = array;
  }
  const record = { accuracies, kernels, dropped, bounds, gains };
  await ports.runs.saveCheckpoint(runKey, { arrays: vaes, state: { record } });
  return { vaes, record };
}

const rowsOf = (values: Float32Array, size: number): Float32Array[] =>
  Array.from({ length: values.length / size }, (_, n) => values.slice(n * size, (n + 1) * size));

interface SourceTraining {
  readonly settings: PlaneSettings;
  readonly images: DigitImages;
  readonly judged: DigitImages;
  readonly title: string;
}

async function trainSource(context: JobContext, { settings, images, judged, title }: SourceTraining, key: RandomKey) {
  const { sourceChannels, sourceEpochs, sourceBatch, sourceRate, decay } = settings;
  const parameters = toTensors(planeStart({ channels: sourceChannels }, derive(key, 'start')));
  let state: PlaneState = { step: 0, parameters, adam: adamInit(parameters) };
  const batches = Math.max(1, Math.floor(countImages(images) / sourceBatch));
  const total = sourceEpochs * batches;
  for (let step = 0; step < total; step++) {
    await context.breathe(title);
    context.report({ phase: title, done: step, total, unit: 'steps' });
    const order = shuffled(derive(key, 'order', Math.floor(step / batches)), countImages(images));
    const chosen = order.slice((step % batches) * sourceBatch, (step % batches) * sourceBatch + sourceBatch);
    const batch = { images: fourAxes(images, chosen), labels: labelTensor(chooseImages(images, chosen).labels) };
    const objective = {
      prior: { kind: 'none' },
      images: countImages(images),
      decay,
      rate: sourceRate * (1 - step / total),
    } as const;
    state = planeStep(state, batch, objective, derive(key, 'step', step)).state;
    disposeRecord(batch);
  }
  const slices = Object.fromEntries(
    planeLayers.map((layer) => {
      const rows = tidy(() => slicesOf(state.parameters[layer]!));
      const values = rows.dataSync<'float32'>().slice();
      rows.dispose();
      return [layer, values];
    }),
  );
  const accuracy = planeAccuracy(state.parameters, judged, { samples: 1, key });
  disposeRecord(state.parameters);
  adamDispose(state.adam);
  return { slices, accuracy };
}

/** Share of images that are told right. */
export function planeAccuracy(
  parameters: Readonly<Record<string, Tensor>>,
  images: DigitImages,
  sampling: { readonly samples: number; readonly key: RandomKey },
): number {
  const tensor = fourAxes(images);
  const classes = planeClasses(parameters, tensor, sampling);
  tensor.dispose();
  return classes.filter((value, n) => value === images.labels[n]).length / classes.length;
}

async function trainVae(
  context: JobContext,
  {
    shape,
    kernels,
    steps,
    title,
  }: {
    readonly shape: PlaneKernelVae;
    readonly kernels: readonly Float32Array[];
    readonly steps: number;
    readonly title: string;
  },
  key: RandomKey,
): Promise<{ readonly vae: NamedArrays; readonly bound: number }> {
  const square = kernels.reduce((sum, row) => sum + row.reduce((total, x) => total + x * x, 0), 0);
  const spread = Math.sqrt(square / (kernels.length * shape.size));
  const { spread: held, ...start } = toTensors(planeVaeStart(shape, spread, key));
  let parameters: Readonly<Record<string, Tensor>> = start;
  let adam = adamInit(parameters);
  const names = Object.keys(parameters);
  const batch = 128;
  let bound = 0;
  for (let step = 0; step < steps; step++) {
    if (step % 20 === 0) {
      await context.breathe(title);
      context.report({ phase: title, done: step, total: steps, unit: 'steps' });
    }
    const rows = Array.from(
      uniforms(derive(key, 'batch', step), batch),
      (u) => kernels[Math.floor(u * kernels.length)]!,
    );
    const weights = tensor2d(Float32Array.from(rows.flatMap((row) => Array.from(row))), [batch, shape.size]);
    const noise = fused().gaussianNoise(derive(key, 'latent', step), [batch, shape.latent]) as Tensor2D;
    const { value, grads } = tidy(() =>
      valueAndGrads((...values: Tensor[]) =>
        planeLogBound(
          { ...Object.fromEntries(names.map((name, n) => [name, values[n]!])), spread: held! },
          weights,
          noise,
        )
          .mean()
          .neg(),
      )(names.map((name) => parameters[name]!)),
    );
    const gradients = Object.fromEntries(names.map((name, n) => [name, grads[n]!]));
    const next = adamStep(adam, parameters, gradients, 1e-3 * (1 - step / steps));
    const loss = value.dataSync()[0]!;
    bound = step === 0 ? loss : 0.98 * bound + 0.02 * loss;
    disposeRecord(parameters);
    disposeRecord({ ...gradients, value, weights, noise });
    parameters = next.parameters;
    adam = next.state;
  }
  const vae = toArrays({ ...parameters, spread: held! });
  disposeRecord({ ...parameters, spread: held! });
  adamDispose(adam);
  return { vae, bound };
}

/** Slices of each layer's filter, for starts drawn from the prior. */
export const planeSliceCounts = (channels: PlaneSettings['channels']) => {
  const shapes = planeShapes({ channels });
  return { 'conv-1': shapes['conv-1'][2] * shapes['conv-1'][3], 'conv-2': shapes['conv-2'][2] * shapes['conv-2'][3] };
};
