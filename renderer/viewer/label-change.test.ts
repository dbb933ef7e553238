import { describe, expect, it } from 'vitest';
import { applyChange, changeBetween } from './label-change.ts';

const random = (seed: number) => () => {
  seed = (1103515245 * seed + 12345) % 2 ** 31;
  return seed / 2 ** 31;
};

describe('steps of undo', () => {
  it('lead through a hundred changes back and forth to equal bytes', () => {
    const next = random(7);
    const states = [new Uint8Array(500)];
    for (let step = 0; step < 100; step++) {
      const state = states[step]!.slice();
      for (let n = 0; n < 1 + 20 * next(); n++) state[Math.floor(500 * next())] = Math.floor(256 * next());
      state[step] = 255 - step; // never nothing
      states.push(state);
    }
    const changes = states.slice(1).map((state, n) => changeBetween(states[n]!, state)!);
    const labels = states[100]!.slice();
    for (let n = 99; n >= 0; n--) {
      applyChange(labels, changes[n]!, 'before');
      expect(labels).toEqual(states[n]);
    }
    for (let n = 0; n < 100; n++) {
      applyChange(labels, changes[n]!, 'after');
      expect(labels).toEqual(states[n + 1]);
    }
  });

  it('hold what changed alone, and nothing where nothing did', () => {
    const labels = Uint8Array.of(0, 1, 2, 3);
    expect(changeBetween(labels, labels.slice())).toBeUndefined();
    expect(changeBetween(labels, Uint8Array.of(0, 1, 9, 3))).toEqual({
      places: Uint32Array.of(2),
      before: Uint8Array.of(2),
      after: Uint8Array.of(9),
    });
  });
});
