import {
  getKernel,
  type KernelConfig,
  registerKernel,
  type Tensor,
  tidy,
  unregisterKernel,
} from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { useTensorflow } from '../../tests/back-end.ts';
import { selfTest } from './self-test.ts';

const there = useTensorflow();

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
  it('passes the back end, in under two seconds', () => {
    selfTest();
    const startedMs = performance.now();
    expect(selfTest()).toEqual([]);
    expect(performance.now() - startedMs).toBeLessThan(8000); // 2 s on an idle machine; tests share it
  });

  it('refuses a convolution gradient that forgets an offset, as stock wasm does', () => {
    const shifted = (right: KernelConfig) => (inputs: Parameters<KernelConfig['kernelFunc']>[0]) => {
      const result = right.kernelFunc(inputs) as unknown as Tensor;
      return tidy(() => result.reverse(1)) as never;
    };
    withKernel('Conv3DBackpropInputV2', shifted, () => {
      expect(selfTest().join()).toContain('the gradient of a 3-D convolution');
    });
  });

  it('refuses pooling that starts from the smallest positive number, as stock wasm does', () => {
    const clipped = (right: KernelConfig) => (inputs: Parameters<KernelConfig['kernelFunc']>[0]) => {
      const result = right.kernelFunc(inputs) as unknown as Tensor;
      return tidy(() => result.maximum(1.2e-38)) as never;
    };
    withKernel('MaxPool3D', clipped, () => expect(selfTest()).toEqual(['maximum pooling of negative numbers']));
  });
});
