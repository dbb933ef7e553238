/** Three numbers along the axes of an array whose first axis is fastest. */
export type Triple = readonly [number, number, number];

/**
 * Distance of each voxel centre to the nearest marked one, mm; infinite where none is marked. Exact: one pass of lower
 * envelopes of parabolas along each axis (Felzenszwalb and Huttenlocher 2012).
 * @param marked not 0 where marked, first axis fastest
 */
export function distanceTransform(marked: ArrayLike<number>, size: Triple, spacingMm: Triple): Float64Array {
  const squares = Float64Array.from({ length: marked.length }, (_, v) => (marked[v] ? 0 : Number.POSITIVE_INFINITY));
  const steps: Triple = [1, size[0], size[0] * size[1]];
  for (const axis of [0, 1, 2] as const) {
    const line = new Envelope(size[axis], spacingMm[axis]);
    for (let start = 0; start < squares.length; start++) {
      if (Math.floor(start / steps[axis]) % size[axis] === 0) line.transform(squares, start, steps[axis]);
    }
  }
  return squares.map(Math.sqrt);
}

/** Lower envelope along one line; its buffers serve all lines of an axis. */
class Envelope {
  readonly #length: number;
  readonly #squaredSpacing: number;
  readonly #values: Float64Array;
  readonly #vertices: Int32Array;
  readonly #borders: Float64Array;

  constructor(length: number, spacingMm: number) {
    this.#length = length;
    this.#squaredSpacing = spacingMm * spacingMm;
    this.#values = new Float64Array(length);
    this.#vertices = new Int32Array(length);
    this.#borders = new Float64Array(length + 1);
  }

  transform(squares: Float64Array, start: number, step: number): void {
    for (let n = 0; n < this.#length; n++) this.#values[n] = squares[start + n * step]!;
    const last = this.#build();
    if (last < 0) return; // nothing marked on this line
    for (let n = 0, k = 0; n < this.#length; n++) {
      while (this.#borders[k + 1]! < n) k++;
      const vertex = this.#vertices[k]!;
      squares[start + n * step] = this.#squaredSpacing * (n - vertex) ** 2 + this.#values[vertex]!;
    }
  }

  /** Number of the last parabola of the envelope, -1 where all are infinite. */
  #build(): number {
    let last = -1;
    for (let n = 0; n < this.#length; n++) {
      if (this.#values[n] === Number.POSITIVE_INFINITY) continue;
      while (last > 0 && this.#crossing(n, this.#vertices[last]!) <= this.#borders[last]!) last--;
      last++;
      this.#vertices[last] = n;
      this.#borders[last] = last === 0 ? Number.NEGATIVE_INFINITY : this.#crossing(n, this.#vertices[last - 1]!);
      this.#borders[last + 1] = Number.POSITIVE_INFINITY;
    }
    return last;
  }

  #crossing(n: number, vertex: number): number {
    const height = (at: number) => this.#values[at]! / this.#squaredSpacing + at * at;
    return (height(n) - height(vertex)) / (2 * (n - vertex));
  }
}
