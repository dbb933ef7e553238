import type { Vec3, Voxels } from '../volume.ts';
import type { Turn } from './orientation.ts';

/** How values of one component lie in an array: value of voxel n at `start + step * n`. */
export interface Lane {
  readonly start: number;
  readonly step: number;
}

/** Planar, as in a Volume: component c follows component c - 1 whole. */
export const planarLane = (component: number, voxels: number): Lane => ({ start: component * voxels, step: 1 });
/** Interleaved, as in [D, H, W, C] tensors: a voxel's components lie side by side. */
export const interleavedLane = (component: number, components: number): Lane => ({
  start: component,
  step: components,
});

export interface TurnRequest<Data extends Voxels> {
  readonly source: Data;
  readonly sourceSize: Vec3;
  readonly sourceLane: Lane;
  readonly turn: Turn;
  readonly target: Data;
  readonly targetLane: Lane;
}

/** Copies one component into its turned order. */
export function turnVoxels<Data extends Voxels>(request: TurnRequest<Data>): void {
  const { source, sourceSize, sourceLane, turn, target, targetLane } = request;
  const { from, flip } = turn;
  const strides = [1, sourceSize[0], sourceSize[0] * sourceSize[1]];
  const stride = (a: 0 | 1 | 2) => (flip[a] ? -1 : 1) * strides[from[a]]! * sourceLane.step;
  const [di, dj, dk] = [stride(0), stride(1), stride(2)];
  const [ni, nj, nk] = [sourceSize[from[0]], sourceSize[from[1]], sourceSize[from[2]]];
  const first = (step: number, length: number) => (step < 0 ? -step * (length - 1) : 0);
  const start = sourceLane.start + first(di, ni) + first(dj, nj) + first(dk, nk);
  let place = targetLane.start;
  for (let k = 0; k < nk; k++) {
    for (let j = 0; j < nj; j++) {
      let at = start + k * dk + j * dj;
      for (let i = 0; i < ni; i++, at += di, place += targetLane.step) target[place] = source[at]!;
    }
  }
}
