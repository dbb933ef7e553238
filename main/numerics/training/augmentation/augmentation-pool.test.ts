import { expect, test } from 'vitest';
import { type RandomKey, rootKey, uniforms } from '../../tensors/random.ts';
import { drawPooled, emptyPool } from './augmentation-pool.ts';

const make = (key: RandomKey) => uniforms(key, 1)[0]!;

function draws(settings: { readonly size: number; readonly reuse: number }, first: number, last: number) {
  let pool = emptyPool<number>(settings, rootKey(3));
  let made = 0;
  const samples: number[] = [];
  for (let draw = first; draw < last; draw++) {
    const [next, sample] = drawPooled(pool, draw, (key) => {
      made++;
      return make(key);
    });
    pool = next;
    samples.push(sample);
  }
  return { samples, made, held: pool.slots.size };
}

test('a resumed pool goes on with the same samples', () => {
  const settings = { size: 8, reuse: 4 };
  expect(draws(settings, 37, 100).samples).toEqual(draws(settings, 0, 100).samples.slice(37));
});

test('each sample is drawn as often as asked for, one pool is held, work is even', () => {
  const { samples, made, held } = draws({ size: 8, reuse: 4 }, 0, 8 * 40);
  expect(held).toBe(8);
  expect(made).toBe(8 + 2 * 39); // all at first, then two of eight in each pass
  const times = new Map<number, number>();
  for (const sample of samples) times.set(sample, (times.get(sample) ?? 0) + 1);
  expect(Math.max(...times.values())).toBe(4);
  expect([...times.values()].filter((n) => n === 4).length).toBeGreaterThan(70);
});

test('without reuse every draw is new and nothing is held', () => {
  const { samples, made, held } = draws({ size: 8, reuse: 1 }, 0, 50);
  expect(new Set(samples).size).toBe(50);
  expect([made, held]).toEqual([50, 0]);
});
