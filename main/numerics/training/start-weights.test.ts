import { describe, expect, it } from 'vitest';
import type { NamedArrays } from '../models/named-arrays.ts';
import type { UnetArchitecture } from '../models/unet-layers.ts';
import { layersOfArrays, randomArrays } from '../models/unet-weights.ts';
import { rootKey } from '../tensors/random.ts';
import { pretrainedArrays } from './start-weights.ts';

const binary: UnetArchitecture = { family: 'residual-unet', size: 'short', inputChannels: 1, classes: 2 };
const source = layersOfArrays(binary, randomArrays(binary, rootKey(1)));
const stored: NamedArrays = Object.fromEntries(
  Object.entries(source).map(([name, array]) => [`start/${name}`, array] as const),
);
/** The layers that a net of `changes` starts with, and those of its random start. */
const started = (changes: Partial<UnetArchitecture>) => {
  const net = { ...binary, ...changes };
  const random = randomArrays(net, rootKey(2));
  return [layersOfArrays(net, pretrainedArrays(net, stored, random)), layersOfArrays(net, random)] as const;
};
describe('a network that starts from a source net', () => {
  it('has its layers, and a head of its own', () => {
    const [layers, random] = started({ classes: 4 });
    for (const name of Object.keys(source)) {
      const wanted = (name === 'head' ? random : source)[name]!.data;
      const same = layers[name]!.data.every((x, n) => x === wanted[n]); // `toEqual` takes seconds for as many numbers
      expect(same, name).toBe(true);
    }
  });

  it('spreads the source net over several images as their mean', () => {
    const [layers] = started({ inputChannels: 2 });
    const [filter, wanted] = [layers['input']!.data, source['input']!.data];
    expect(filter.length).toBe(2 * wanted.length);
    for (const n of [0, 17, 100]) {
      const place = 2 * (n - (n % 16)) + (n % 16);
      expect(filter[place]).toBeCloseTo(wanted[n]! / 2, 6);
      expect(filter[place + 16]).toBeCloseTo(wanted[n]! / 2, 6);
    }
  });
});
