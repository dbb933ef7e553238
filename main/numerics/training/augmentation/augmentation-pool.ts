import { derive, type RandomKey, shuffled } from '../../tensors/random.ts';

export interface PoolSettings {
  /** Samples held ready. */
  readonly size: number;
  /** How often each is drawn before it is made anew: the cost of making samples is divided by it. 1 holds none. */
  readonly reuse: number;
}

/** Samples held ready for training. What a draw gives is a function of the key and its number alone, so that a resumed training meets the same samples. */
export interface AugmentationPool<Sample> {
  readonly settings: PoolSettings;
  readonly key: RandomKey;
  readonly slots: ReadonlyMap<number, { readonly version: number; readonly sample: Sample }>;
}

export const emptyPool = <Sample>(settings: PoolSettings, key: RandomKey): AugmentationPool<Sample> => ({
  settings,
  key,
  slots: new Map(),
});

/**
 * Draw number `draw` (0, 1, 2, ...; for batches: step * batch + place). Passes over the pool in random order; in each pass
 * one in `reuse` slots is made anew by `make`, so that the work is even. A resumed pool makes what it lacks.
 */
export function drawPooled<Sample>(
  pool: AugmentationPool<Sample>,
  draw: number,
  make: (key: RandomKey) => Sample,
): readonly [AugmentationPool<Sample>, Sample] {
  const { size, reuse } = pool.settings;
  if (reuse <= 1) return [pool, make(derive(pool.key, 'sample', draw))];
  const pass = Math.floor(draw / size);
  const slot = shuffled(derive(pool.key, 'order', pass), size)[draw % size]!;
  const version = Math.floor((pass + (slot % reuse)) / reuse);
  const held = pool.slots.get(slot);
  if (held?.version === version) return [pool, held.sample];
  const sample = make(derive(pool.key, 'sample', slot, version));
  return [{ ...pool, slots: new Map(pool.slots).set(slot, { version, sample }) }, sample];
}
