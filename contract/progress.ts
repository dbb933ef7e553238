/** How far a job is. `done` of `total` are counted in `unit`s of the present phase. */
export interface Progress {
  readonly phase: string;
  readonly done: number;
  readonly total: number;
  readonly unit: string;
  /** A figure worth showing while one waits, e.g. `loss 0.31`. */
  readonly note?: string;
  /** A point of the training curves that was just closed. */
  readonly point?: CurvePoint;
  /** A result was written that can be looked at, of this many samples. */
  readonly shown?: number;
  /** Comes with a point that was measured on held-out scans. */
  readonly slice?: LearningSlice;
}

/** A slice of a held-out scan beside what is learned so far, row by row from the top; 0 to 255. */
export interface LearningSlice {
  readonly columns: number;
  readonly rows: number;
  readonly grey: Uint8Array;
  /** 255 where a structure is labelled. */
  readonly truth: Uint8Array;
  /** Probability of any structure. */
  readonly foreground: Uint8Array;
}

/** Means since the point before. */
export interface CurvePoint {
  readonly step: number;
  readonly elapsedMs: number;
  readonly loss: number;
  readonly dataLoss: number;
  /** The prior's part of the loss; null where the method has none. */
  readonly kl: number | null;
  readonly heldOutDice: number | null;
  /** Expected calibration error on the held-out scans, within 5 mm of truth and prediction. */
  readonly heldOutEce: number | null;
}
