import { type Tensor, tensor } from '@tensorflow/tfjs-core';
import type { NamedArrays } from '../models/named-arrays.ts';

/** Tensors by name: the live form of NamedArrays. */
export type TensorRecord = Readonly<Record<string, Tensor>>;

export const mapRecord = <In, Out>(record: Readonly<Record<string, In>>, change: (value: In, name: string) => Out) =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value, name)])) as Record<string, Out>;

/** Copies arrays into tensors; the caller disposes them. */
export const toTensors = (arrays: NamedArrays): Record<string, Tensor> =>
  mapRecord(arrays, ({ data, shape }) => tensor(data, [...shape], 'float32'));

/** Copies tensors into arrays; the tensors stay. */
export const toArrays = (tensors: TensorRecord): NamedArrays =>
  mapRecord(tensors, (value) => ({ shape: value.shape, data: value.dataSync<'float32'>().slice() }));

export function disposeRecord(tensors: TensorRecord): void {
  for (const value of Object.values(tensors)) value.dispose();
}
