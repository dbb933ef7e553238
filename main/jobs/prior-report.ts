import type { UnetArchitecture } from '../numerics/models/unet-layers.ts';
import type { GroupReport } from './learn-kernel-group.ts';

/** What `learn-prior` tells of a prior; stored with it. */
export interface PriorReport {
  readonly architecture: UnetArchitecture;
  readonly seed: number;
  readonly settings: { readonly steps: number; readonly batch: number; readonly rate: number; readonly warmUp: number };
  readonly sources: readonly Snapshot[];
  /** Nets whose kernels no VAE was trained on; every NLL is theirs. */
  readonly heldOutMembers: readonly number[];
  /** The net that methods start from; `beside` where it is none of the sources. */
  readonly start: {
    readonly member: number;
    readonly cycle: number;
    readonly validationDice: number;
    readonly beside?: boolean;
  };
  readonly groups: readonly GroupReport[];
  /** Nats a slice over all groups, each weighed by its slices. */
  readonly nll: GroupReport['nll'];
  readonly beatsGaussian: boolean;
  /** Of an updated prior alone. */
  readonly update?: {
    readonly of: { readonly name: string; readonly sha256: string };
    /** Data sets that it was learned from, this one included. */
    readonly tasks: number;
    /** Components that the new data set got, by group. */
    readonly components: readonly number[];
    /** NLL of the new held-out kernels under the prior as it was, nats a slice. */
    readonly nllBefore: number;
  };
  readonly compute: Readonly<Record<string, unknown>>;
  readonly elapsedMs: number;
}

/** One source net at the end of one cycle. */
export interface Snapshot {
  readonly member: number;
  readonly cycle: number;
  readonly sha256: string;
  readonly validationDice: number;
}
