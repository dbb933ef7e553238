import type { RandomKey } from '../../numerics/tensors/random.ts';
import type { BoovaeMethod, BoovaeSettings } from './boovae-settings.ts';
import type { DigitImages } from './digit-images.ts';
import type { LearnedModel } from './learned-model.ts';
import type { ProgressStore } from './task-progress.ts';

/** One task of one run: what is learned next, from what was learned before. */
export interface TaskTraining {
  readonly method: BoovaeMethod;
  readonly settings: BoovaeSettings;
  readonly model: LearnedModel;
  readonly training: DigitImages;
  /** The present task's only: stopping knows no other. */
  readonly validation: DigitImages;
  readonly key: RandomKey;
  readonly title: string;
  readonly store: ProgressStore;
}

/** What a task's training came to. */
export interface TaskSummary {
  readonly epochs: number;
  /** The best of the present task's validation images, nats an image. */
  readonly validationBound: number;
  /** Of the last epoch, nats. */
  readonly protection: number;
}
