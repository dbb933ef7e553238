import type { Size } from './label-operations.ts';

interface Filling {
  readonly label: number;
  /** Voxel axis across the slices. */
  readonly axis: 0 | 1 | 2;
  readonly spacingMm: Size;
}

/**
 * Fills slices between labelled ones along an axis: the signed distances to the border in the slice before and after are
 * interpolated (shape-based interpolation, Raya and Udupa 1990). Slices that have the label, and other labels, stay.
 */
export function fillBetween(labels: Uint8Array, size: Size, { label, axis, spacingMm }: Filling): Uint8Array {
  const strides = [1, size[0], size[0] * size[1]] as const;
  const [a, b] = [0, 1, 2].filter((one) => one !== axis) as [0 | 1 | 2, 0 | 1 | 2];
  const at = (slice: number, x: number, y: number) => slice * strides[axis] + x * strides[a] + y * strides[b];
  const drawn: { readonly slice: number; readonly box: Box }[] = [];
  for (let slice = 0; slice < size[axis]; slice++) {
    const box = boxOf(size[a], size[b], (x, y) => labels[at(slice, x, y)] === label);
    if (box) drawn.push({ slice, box });
  }
  const next = labels.slice();
  for (const [n, { slice: before, box }] of drawn.entries()) {
    const following = drawn[n + 1];
    if (!following || following.slice === before + 1) continue;
    const after = following.slice;
    const both = around(box, following.box); // beyond it both are outside, and so is all between
    const pixel = { spacing: [spacingMm[a], spacingMm[b]] as const, box: both };
    const from = signedDistance(pixel, (x, y) => labels[at(before, x, y)] === label);
    const to = signedDistance(pixel, (x, y) => labels[at(after, x, y)] === label);
    for (let slice = before + 1; slice < after; slice++) {
      const share = (slice - before) / (after - before);
      let place = 0;
      for (let y = both.y0; y <= both.y1; y++)
        for (let x = both.x0; x <= both.x1; x++, place++) {
          const distance = (1 - share) * from[place]! + share * to[place]!;
          if (distance < 0 && next[at(slice, x, y)] === 0) next[at(slice, x, y)] = label;
        }
    }
  }
  return next;
}

/** Pixels x0 to x1 and y0 to y1, both among them. */
interface Box {
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
}

const around = (a: Box, b: Box): Box => ({
  x0: Math.min(a.x0, b.x0),
  y0: Math.min(a.y0, b.y0),
  x1: Math.max(a.x1, b.x1),
  y1: Math.max(a.y1, b.y1),
});

function boxOf(width: number, height: number, isInside: (x: number, y: number) => boolean): Box | undefined {
  let [x0, y0, x1, y1] = [width, height, -1, -1];
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      if (isInside(x, y)) {
        x0 = Math.min(x0, x);
        x1 = Math.max(x1, x);
        y0 = Math.min(y0, y);
        y1 = y;
      }
  return x1 < 0 ? undefined : { x0, y0, x1, y1 };
}

/** A pixel around the box is outside, wherever the slice ends. */
const margin = 1;

/**
 * Distance in mm of each pixel of the box to the nearest one on the other side of the border, negative inside, less half a pixel;
 * exact, by columns then rows (Felzenszwalb and Huttenlocher 2012, brute along rows).
 */
function signedDistance(
  { spacing: [dx, dy], box }: { readonly spacing: readonly [number, number]; readonly box: Box },
  isInside: (x: number, y: number) => boolean,
): Float32Array {
  const [width, height] = [box.x1 - box.x0 + 1 + 2 * margin, box.y1 - box.y0 + 1 + 2 * margin];
  const inside = new Uint8Array(width * height);
  for (let y = margin; y < height - margin; y++)
    for (let x = margin; x < width - margin; x++)
      inside[x + width * y] = isInside(box.x0 + x - margin, box.y0 + y - margin) ? 1 : 0;
  const squaredTo = (value: 0 | 1): Float32Array => {
    const column = new Float32Array(width * height);
    const far = 1e6;
    for (let x = 0; x < width; x++) {
      let last = -far;
      for (let y = 0; y < height; y++) {
        if (inside[x + width * y] === value) last = y;
        column[x + width * y] = y - last;
      }
      last = far;
      for (let y = height - 1; y >= 0; y--) {
        if (inside[x + width * y] === value) last = y;
        column[x + width * y] = dy * Math.min(column[x + width * y]!, last - y);
      }
    }
    return column.map((_, n) => {
      const [x, y] = [n % width, Math.floor(n / width)];
      let best = Number.POSITIVE_INFINITY;
      for (let other = 0; other < width; other++)
        best = Math.min(best, (dx * (x - other)) ** 2 + column[other + width * y]! ** 2);
      return best;
    });
  };
  const [toInside, toOutside] = [squaredTo(1), squaredTo(0)];
  const half = Math.min(dx, dy) / 2;
  const distances = new Float32Array((width - 2 * margin) * (height - 2 * margin));
  let place = 0;
  for (let y = margin; y < height - margin; y++)
    for (let x = margin; x < width - margin; x++) {
      const n = x + width * y;
      distances[place++] = inside[n] ? half - Math.sqrt(toOutside[n]!) : Math.sqrt(toInside[n]!) - half;
    }
  return distances;
}
