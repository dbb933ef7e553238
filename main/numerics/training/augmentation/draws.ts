import { type RandomKey, uniforms } from '../../tensors/random.ts';
import type { Range } from './augmentation-settings.ts';

/** One uniform in [0, 1). */
export const uniform = (key: RandomKey): number => uniforms(key, 1)[0]!;
/** Uniform in the range. */
export const between = (key: RandomKey, [least, greatest]: Range): number => least + (greatest - least) * uniform(key);
/** Uniform in the logarithm: a factor and its inverse are as likely where the range is symmetric so. */
export const betweenLog = (key: RandomKey, [least, greatest]: Range): number =>
  Math.exp(between(key, [Math.log(least), Math.log(greatest)]));
/** True with the probability. */
export const chance = (key: RandomKey, probability: number): boolean => uniform(key) < probability;
