import { engine, type Tensor } from '@tensorflow/tfjs-core';

/** TensorFlow's attribute types, by their numbers in its C interface (c_api.h: TF_ATTR_*, TF_DataType). */
export const attribute = { string: 0, int: 1, float: 2, bool: 3, type: 4, shape: 5 } as const;
const dataType = { float32: 1, int32: 3 } as const;

export interface Attribute {
  readonly name: string;
  readonly type: number;
  readonly value: unknown;
}

/** The part of tfjs-node's back end that reaches any TensorFlow op. */
interface OpExecutor {
  executeSingleOutput(name: string, attributes: readonly Attribute[], inputs: readonly Tensor[]): Tensor;
  executeMultipleOutputs(
    name: string,
    attributes: readonly Attribute[],
    inputs: readonly Tensor[],
    outputs: number,
  ): Tensor[];
}

/** `save` of tfjs-core's customGrad. */
export type GradSaveFunc = (tensors: Tensor[]) => void;

export const executor = () => engine().backend as unknown as OpExecutor; // these forms are registered for that back end alone
export const float32 = (name = 'T'): Attribute => ({ name, type: attribute.type, value: dataType.float32 });
export const int32 = (name: string): Attribute => ({ name, type: attribute.type, value: dataType.int32 });
export const flag = (name: string, value: boolean): Attribute => ({ name, type: attribute.bool, value });
