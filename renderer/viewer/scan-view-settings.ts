import type { Voxels } from '../connection.ts';

export const planes = ['axial', 'sagittal', 'coronal'] as const;
export type Plane = (typeof planes)[number];

export interface PointerReading {
  readonly pointRasMm: readonly [number, number, number];
  readonly voxel: readonly [number, number, number];
  readonly value: number;
  readonly label: number;
}

export interface ScanViewSettings {
  readonly elements: Readonly<Record<Plane, HTMLDivElement>>;
  readonly image: Voxels;
  readonly labels: Uint8Array;
  onEdit(): void;
  /** undefined where the pointer is over no voxel. */
  onPointer(reading: PointerReading | undefined): void;
  onWindow(low: number, high: number): void;
  /** Lengths of the distances on the screen, mm, in the order in which they were drawn. */
  onDistances(mm: readonly number[]): void;
}

/** What is at the left, right, top and bottom of each plane, the patient's. */
export const planeLetters: Readonly<Record<Plane, readonly [string, string, string, string]>> = {
  axial: ['R', 'L', 'A', 'P'],
  sagittal: ['A', 'P', 'S', 'I'],
  coronal: ['R', 'L', 'S', 'I'],
};
