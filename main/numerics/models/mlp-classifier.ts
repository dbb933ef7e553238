import { losses, oneHot, type Tensor, type Tensor2D, tidy, valueAndGrads } from '@tensorflow/tfjs-core';
import { derive, normals, type RandomKey } from '../tensors/random.ts';
import { disposeRecord, type TensorRecord } from '../tensors/tensor-record.ts';
import { type AdamState, adamDispose, adamInit, adamStep } from '../training/adam.ts';
import type { NamedArray, NamedArrays } from './named-arrays.ts';

/** A classifier of grey images: pixels - width - width - classes, ReLU. */
export interface ClassifierState {
  readonly parameters: TensorRecord;
  readonly adam: AdamState;
}

/** He-normal kernels (He et al. 2015), biases 0. */
export function classifierStart(
  { pixels, width, classes }: { readonly pixels: number; readonly width: number; readonly classes: number },
  key: RandomKey,
): NamedArrays {
  const sizes = [pixels, width, width, classes];
  const arrays: Record<string, NamedArray> = {};
  for (const layer of [0, 1, 2]) {
    const [inputs, outputs] = [sizes[layer]!, sizes[layer + 1]!];
    const drawn = normals(derive(key, layer), inputs * outputs);
    const data = Float32Array.from(drawn, (x) => x * Math.sqrt(2 / inputs));
    arrays[`${layer}/kernel`] = { shape: [inputs, outputs], data };
    arrays[`${layer}/bias`] = { shape: [outputs], data: new Float32Array(outputs) };
  }
  return arrays;
}

export const startClassifier = (parameters: TensorRecord): ClassifierState => ({
  parameters,
  adam: adamInit(parameters),
});

export function disposeClassifier({ parameters, adam }: ClassifierState): void {
  disposeRecord(parameters);
  adamDispose(adam);
}

/** Logits [N, classes] of images [N, pixels]. */
export const classLogits = (parameters: TensorRecord, images: Tensor2D): Tensor2D =>
  [0, 1, 2].reduce<Tensor2D>((x, layer) => {
    const y = x.matMul(parameters[`${layer}/kernel`]!).add(parameters[`${layer}/bias`]!) as Tensor2D;
    return layer === 2 ? y : (y.relu() as Tensor2D);
  }, images);

/** One step of Adam on cross-entropy; labels are whole numbers [N]. Takes over the state. */
export function classifierStep(
  state: ClassifierState,
  { images, labels, classes }: { readonly images: Tensor2D; readonly labels: Tensor; readonly classes: number },
  rate: number,
): readonly [ClassifierState, { readonly loss: number }] {
  const names = Object.keys(state.parameters);
  const { value, grads } = tidy(() =>
    valueAndGrads((...values: Tensor[]) => {
      const logits = classLogits(Object.fromEntries(names.map((name, n) => [name, values[n]!])), images);
      return losses.softmaxCrossEntropy(oneHot(labels, classes), logits);
    })(names.map((name) => state.parameters[name]!)),
  );
  const gradients = Object.fromEntries(names.map((name, n) => [name, grads[n]!]));
  const next = adamStep(state.adam, state.parameters, gradients, rate);
  const loss = value.dataSync()[0]!;
  disposeRecord(state.parameters);
  disposeRecord(gradients); // under the parameters' names
  value.dispose();
  return [{ parameters: next.parameters, adam: next.state }, { loss }];
}

/** The most likely class of each image [N, pixels]. */
export function classify(parameters: TensorRecord, images: Tensor2D): Int32Array {
  const classes = tidy(() => classLogits(parameters, images).argMax(1));
  const values = Int32Array.from(classes.dataSync());
  classes.dispose();
  return values;
}
