import { getKernel, type KernelConfig, registerKernel, Tensor, tidy, unregisterKernel } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { useTensorflow } from '../../tests/back-end.ts';
import { selfTest } from './self-test.ts';

const there = useTensorflow();

/** A back end's kernel gives tensors under a wider name. */
function tensorOf(result: ReturnType<KernelConfig['kernelFunc']>): Tensor {
  if (result instanceof Tensor) return result;
  throw new TypeError('the kernel gave no tensor');
}

/** Runs `work` while the back end's kernel `name` is another. */
function withKernel(name: string, change: (right: KernelConfig) => KernelConfig['kernelFunc'], work: () => void): void {
  const right = getKernel(name, 'tensorflow');
  unregisterKernel(name, 'tensorflow');
  registerKernel({ ...right, kernelFunc: change(right) });
  try {
    work();
  } finally {
    unregisterKernel(name, 'tensorflow');
    registerKernel(right);
  }
}

describe.skipIf(!there)('self-test', () => {
  it('passes the back end', () => expect(selfTest()).toEqual([]));

  it('refuses a convolution gradient that forgets an offset, as stock wasm does', () => {
    const shifted = (right: KernelConfig) => (inputs: Parameters<KernelConfig['kernelFunc']>[0]) => {
      return tidy(() => tensorOf(right.kernelFunc(inputs)).reverse(1));
    };
    withKernel('Conv3DBackpropInputV2', shifted, () => {
      expect(selfTest().join()).toContain('the gradient of a 3-D convolution');
    });
  });

  it('refuses pooling that starts from the smallest positive number, as stock wasm does', () => {
    const clipped = (right: KernelConfig) => (inputs: Parameters<KernelConfig['kernelFunc']>[0]) => {
      return tidy(() => tensorOf(right.kernelFunc(inputs)).maximum(1.2e-38));
    };
    withKernel('MaxPool3D', clipped, () => expect(selfTest()).toEqual(['maximum pooling of negative numbers']));
  });
});
