import { scalar, type Tensor, tidy } from '@tensorflow/tfjs-core';
import { type AdamMoments, adamBeta1, adamBeta2, adamSizes } from '../../numerics/tensors/fused/adam-update.ts';
import { attribute, executor, flag, float32 } from './tensorflow-ops.ts';

/** Of TensorFlow's resource variables: one that ends with its handle (common_runtime: ResourceHandle::ANONYMOUS_NAME). */
const anonymous = 'cd2c89b7-88b7-44c8-ad83-06c2a9158347';

/** A resource variable that begins with the tensor's values; ops that change it leave the tensor as it is. */
function variableOf(value: Tensor): Tensor {
  const handle = executor().executeSingleOutput(
    'VarHandleOp',
    [
      float32('dtype'),
      { name: 'shape', type: attribute.shape, value: value.shape },
      { name: 'container', type: attribute.string, value: '' },
      { name: 'shared_name', type: attribute.string, value: anonymous },
    ],
    [],
  );
  executor().executeMultipleOutputs('AssignVariableOp', [float32('dtype')], [handle, value], 0);
  return handle;
}

/** ResourceApplyAdam: one pass over the three of them. Its epsilon is not corrected for bias, so that comes in already corrected. */
export function adamUpdate(before: AdamMoments, gradient: Tensor, step: number, rate: number): AdamMoments {
  return tidy(() => {
    const variables = [before.parameter, before.firstMoment, before.secondMoment].map(variableOf);
    const numbers = [adamBeta1 ** step, adamBeta2 ** step, rate, adamBeta1, adamBeta2, adamSizes(step, rate).shift];
    executor().executeMultipleOutputs(
      'ResourceApplyAdam',
      [float32(), flag('use_locking', false), flag('use_nesterov', false)],
      [...variables, ...numbers.map((number) => scalar(number)), gradient],
      0,
    );
    const [parameter, firstMoment, secondMoment] = variables.map((handle) =>
      executor().executeSingleOutput('ReadVariableOp', [float32('dtype')], [handle]),
    ) as [Tensor, Tensor, Tensor];
    return { parameter, firstMoment, secondMoment };
  });
}
