/** Operations on labels of a whole scan. Each returns a new array; `size` is voxels along i, j, k, i fastest; spacing is mm along them. */
export type Size = readonly [number, number, number];

/** Voxels that touch by a face. */
function* neighbours(n: number, size: Size): Generator<number> {
  const [ni, nj, nk] = size;
  const [i, j, k] = [n % ni, Math.floor(n / ni) % nj, Math.floor(n / (ni * nj))];
  if (i > 0) yield n - 1;
  if (i < ni - 1) yield n + 1;
  if (j > 0) yield n - ni;
  if (j < nj - 1) yield n + ni;
  if (k > 0) yield n - ni * nj;
  if (k < nk - 1) yield n + ni * nj;
}

/** Voxels of the part of its label that a voxel is in, connected by faces; none where it has no label. */
export function islandAt(labels: Uint8Array, size: Size, seed: number): number[] {
  const label = labels[seed];
  if (!label) return [];
  const seen = new Uint8Array(labels.length);
  return partFrom(seed, { size, seen, isOf: (n) => labels[n] === label });
}

function partFrom(
  seed: number,
  { size, seen, isOf }: { readonly size: Size; readonly seen: Uint8Array; isOf(n: number): boolean },
): number[] {
  const part = [seed];
  seen[seed] = 1;
  for (let at = 0; at < part.length; at++)
    for (const n of neighbours(part[at]!, size))
      if (!seen[n] && isOf(n)) {
        seen[n] = 1;
        part.push(n);
      }
  return part;
}

/** Connected parts of one label, the largest first, as lists of voxels. */
export function partsOf(labels: Uint8Array, size: Size, label: number): number[][] {
  const seen = new Uint8Array(labels.length);
  const parts: number[][] = [];
  for (let start = 0; start < labels.length; start++) {
    if (seen[start] || labels[start] !== label) continue;
    const part = partFrom(start, { size, seen, isOf: (n) => labels[n] === label });
    parts.push(part);
  }
  return parts.sort((a, b) => b.length - a.length);
}

/** Keeps the largest part of a label. */
export function keepLargest(labels: Uint8Array, size: Size, label: number): Uint8Array {
  const next = labels.slice();
  for (const part of partsOf(labels, size, label).slice(1)) for (const n of part) next[n] = 0;
  return next;
}

/** Removes the part that a voxel is in. */
export function removeIsland(labels: Uint8Array, size: Size, seed: number): Uint8Array {
  const next = labels.slice();
  for (const n of islandAt(labels, size, seed)) next[n] = 0;
  return next;
}

/** What an operation made of labels, but for voxels of locked ones, which stay. */
export function protect(before: Uint8Array, after: Uint8Array, locked: readonly number[]): Uint8Array {
  if (locked.length === 0) return after;
  const isLocked = new Set(locked);
  return after.map((label, n) => (isLocked.has(before[n]!) ? before[n]! : label));
}

/**
 * Majority of a voxel and its 26 neighbours, for one label against all others: specks and dents go. Neighbours weigh by a Gaussian
 * of their distance whose deviation is the smallest spacing, so that thick slices do not wear each other away.
 */
export function smooth(
  labels: Uint8Array,
  size: Size,
  { label, spacingMm }: { readonly label: number; readonly spacingMm: Size },
): Uint8Array {
  const [ni, nj, nk] = size;
  const around = weights(spacingMm);
  const next = labels.slice();
  for (let k = 0; k < nk; k++)
    for (let j = 0; j < nj; j++)
      for (let i = 0; i < ni; i++) {
        let [inside, all] = [0, 0];
        for (const { di, dj, dk, weight } of around) {
          const [a, b, c] = [i + di, j + dj, k + dk];
          if (a < 0 || b < 0 || c < 0 || a >= ni || b >= nj || c >= nk) continue;
          all += weight;
          if (labels[a + ni * (b + nj * c)] === label) inside += weight;
        }
        const n = i + ni * (j + nj * k);
        const isMajority = 2 * inside > all;
        if (labels[n] === label && !isMajority) next[n] = 0;
        else if (labels[n] === 0 && isMajority) next[n] = label;
      }
  return next;
}

function weights([si, sj, sk]: Size) {
  const deviation = Math.min(si, sj, sk);
  const steps = [-1, 0, 1] as const;
  return steps.flatMap((dk) =>
    steps.flatMap((dj) =>
      steps.map((di) => {
        const squared = (di * si) ** 2 + (dj * sj) ** 2 + (dk * sk) ** 2;
        return { di, dj, dk, weight: Math.exp(-squared / (2 * deviation ** 2)) };
      }),
    ),
  );
}

/**
 * From a voxel outwards over values within `tolerance` of its own, through voxels without a label or with this one. Stops at
 * `most` voxels, and says so: it has leaked.
 */
export function grow(
  labels: Uint8Array,
  values: ArrayLike<number>,
  {
    size,
    seed,
    label,
    tolerance,
    most,
  }: {
    readonly size: Size;
    readonly seed: number;
    readonly label: number;
    readonly tolerance: number;
    readonly most: number;
  },
): { readonly labels: Uint8Array; readonly hasLeaked: boolean } {
  const next = labels.slice();
  const centre = values[seed]!;
  const seen = new Uint8Array(labels.length);
  const queue = [seed];
  seen[seed] = 1;
  for (let at = 0; at < queue.length; at++) {
    if (at === most) return { labels: next, hasLeaked: true };
    next[queue[at]!] = label;
    for (const n of neighbours(queue[at]!, size)) {
      const isFree = labels[n] === 0 || labels[n] === label;
      if (seen[n] || !isFree || Math.abs(values[n]! - centre) > tolerance) continue;
      seen[n] = 1;
      queue.push(n);
    }
  }
  return { labels: next, hasLeaked: false };
}
