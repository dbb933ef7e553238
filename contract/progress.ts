/** How far a job is. `done` of `total` are counted in `unit`s of the present phase. */
export interface Progress {
  readonly phase: string;
  readonly done: number;
  readonly total: number;
  readonly unit: string;
  /** A figure worth showing while one waits, e.g. `loss 0.31`. */
  readonly note?: string;
}
