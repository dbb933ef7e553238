/** Operations on labels of a whole scan. Each returns a new array; `size` is voxels along i, j, k, i fastest. */
export type Size = readonly [number, number, number];

const strides = ([ni, nj]: Size): Size => [1, ni, ni * nj];

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

/** Connected parts of one label, the largest first, as lists of voxels. */
export function partsOf(labels: Uint8Array, size: Size, label: number): number[][] {
  const seen = new Uint8Array(labels.length);
  const parts: number[][] = [];
  for (let start = 0; start < labels.length; start++) {
    if (seen[start] || labels[start] !== label) continue;
    const part = [start];
    seen[start] = 1;
    for (let at = 0; at < part.length; at++)
      for (const n of neighbours(part[at]!, size))
        if (!seen[n] && labels[n] === label) {
          seen[n] = 1;
          part.push(n);
        }
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

/** Majority of a voxel and its 26 neighbours, for one label against all others: specks and dents go. */
export function smooth(labels: Uint8Array, size: Size, label: number): Uint8Array {
  const [ni, nj, nk] = size;
  const next = labels.slice();
  for (let k = 0; k < nk; k++)
    for (let j = 0; j < nj; j++)
      for (let i = 0; i < ni; i++) {
        let [inside, all] = [0, 0];
        for (let c = Math.max(0, k - 1); c <= Math.min(nk - 1, k + 1); c++)
          for (let b = Math.max(0, j - 1); b <= Math.min(nj - 1, j + 1); b++)
            for (let a = Math.max(0, i - 1); a <= Math.min(ni - 1, i + 1); a++) {
              all++;
              if (labels[a + ni * (b + nj * c)] === label) inside++;
            }
        const n = i + ni * (j + nj * k);
        const isMajority = 2 * inside > all;
        if (labels[n] === label && !isMajority) next[n] = 0;
        else if (labels[n] === 0 && isMajority) next[n] = label;
      }
  return next;
}

/** From a voxel outwards over values within `tolerance` of its own, through voxels without a label. */
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
): Uint8Array {
  const next = labels.slice();
  const centre = values[seed]!;
  const queue = [seed];
  next[seed] = label;
  for (let at = 0; at < queue.length && queue.length < most; at++)
    for (const n of neighbours(queue[at]!, size))
      if (next[n] === 0 && Math.abs(values[n]! - centre) <= tolerance) {
        next[n] = label;
        queue.push(n);
      }
  return next;
}

/**
 * Fills slices between labelled ones along an axis: the signed distances to the border in the slice before and after are
 * interpolated (shape-based interpolation, Raya and Udupa 1990). Slices that have the label, and other labels, stay.
 */
export function fillBetween(
  labels: Uint8Array,
  size: Size,
  { label, axis }: { readonly label: number; readonly axis: 0 | 1 | 2 },
): Uint8Array {
  const step = strides(size)[axis];
  const [a, b] = [0, 1, 2].filter((one) => one !== axis) as [0 | 1 | 2, 0 | 1 | 2];
  const [width, height] = [size[a], size[b]];
  const [stepA, stepB] = [strides(size)[a], strides(size)[b]];
  const at = (slice: number, x: number, y: number) => slice * step + x * stepA + y * stepB;
  const distances = (slice: number): Float32Array =>
    signedDistance(width, height, (x, y) => labels[at(slice, x, y)] === label);
  const drawn: number[] = [];
  for (let slice = 0; slice < size[axis]; slice++) {
    let has = false;
    for (let y = 0; y < height && !has; y++)
      for (let x = 0; x < width && !has; x++) has = labels[at(slice, x, y)] === label;
    if (has) drawn.push(slice);
  }
  const next = labels.slice();
  for (const [n, before] of drawn.entries()) {
    const after = drawn[n + 1];
    if (after === undefined || after === before + 1) continue;
    const [from, to] = [distances(before), distances(after)];
    for (let slice = before + 1; slice < after; slice++) {
      const share = (slice - before) / (after - before);
      for (let y = 0; y < height; y++)
        for (let x = 0; x < width; x++) {
          const distance = (1 - share) * from[x + width * y]! + share * to[x + width * y]!;
          if (distance < 0 && next[at(slice, x, y)] === 0) next[at(slice, x, y)] = label;
        }
    }
  }
  return next;
}

/** Distance in pixels to the border, negative inside; exact, by columns then rows (Felzenszwalb and Huttenlocher 2012, brute along rows). */
function signedDistance(width: number, height: number, isInside: (x: number, y: number) => boolean): Float32Array {
  const inside = Uint8Array.from({ length: width * height }, (_, n) =>
    isInside(n % width, Math.floor(n / width)) ? 1 : 0,
  );
  const squaredTo = (value: 0 | 1): Float32Array => {
    const column = new Float32Array(width * height).fill(1e9);
    for (let x = 0; x < width; x++) {
      let last = -1e5;
      for (let y = 0; y < height; y++) {
        if (inside[x + width * y] === value) last = y;
        column[x + width * y] = y - last;
      }
      last = 1e5;
      for (let y = height - 1; y >= 0; y--) {
        if (inside[x + width * y] === value) last = y;
        column[x + width * y] = Math.min(column[x + width * y]!, last - y);
      }
    }
    return column.map((_, n) => {
      const [x, y] = [n % width, Math.floor(n / width)];
      let best = Number.POSITIVE_INFINITY;
      for (let other = 0; other < width; other++)
        best = Math.min(best, (x - other) ** 2 + column[other + width * y]! ** 2);
      return best;
    });
  };
  const [toInside, toOutside] = [squaredTo(1), squaredTo(0)];
  return toInside.map((squared, n) => (inside[n] ? 0.5 - Math.sqrt(toOutside[n]!) : Math.sqrt(squared) - 0.5));
}
