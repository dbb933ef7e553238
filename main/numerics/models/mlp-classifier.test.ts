import { memory, tensor1d, tensor2d } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { useTensorflow } from '../../../tests/back-end.ts';
import { derive, normals, rootKey } from '../tensors/random.ts';
import { toTensors } from '../tensors/tensor-record.ts';
import { classifierStart, classifierStep, classify, disposeClassifier, startClassifier } from './mlp-classifier.ts';

const key = rootKey(101);
const [rows, pixels, classes] = [90, 12, 3];

describe.skipIf(!useTensorflow())('a classifier of images', () => {
  it('learns three blobs that lie apart, and owns its tensors', () => {
    const labels = Int32Array.from({ length: rows }, (_, n) => n % classes);
    const blob = (name: string) =>
      Float32Array.from(normals(derive(key, name), rows * pixels), (x, at) => {
        const [row, pixel] = [Math.floor(at / pixels), at % pixels];
        return (pixel % classes === labels[row] ? 1 : 0) + 0.2 * x;
      });
    const [images, others, truth] = [
      tensor2d(blob('training'), [rows, pixels]),
      tensor2d(blob('test'), [rows, pixels]),
      tensor1d(labels, 'int32'),
    ];
    const before = memory().numTensors;
    let state = startClassifier(toTensors(classifierStart({ pixels, width: 16, classes }, key)));
    const losses: number[] = [];
    for (let n = 0; n < 60; n++) {
      const [next, { loss }] = classifierStep(state, { images, labels: truth, classes }, 1e-2);
      state = next;
      losses.push(loss);
    }
    expect(losses.at(-1)).toBeLessThan(0.05 * losses[0]!);
    expect(Array.from(classify(state.parameters, others))).toEqual(Array.from(labels));
    disposeClassifier(state);
    expect(memory().numTensors).toBe(before);
  });
});
