import type { ComputeDescription } from '../../contract/compute.ts';
import type { AppError } from '../../contract/errors/app-error.ts';
import type { Evidence } from '../../contract/evidence.ts';
import type { ModelRecord } from '../../contract/model.ts';
import type { Progress } from '../../contract/progress.ts';
import type { ListedHeader, SeriesPart } from '../imaging/dicom/group-series.ts';
import type { Volume } from '../imaging/volume.ts';
import type { NamedArrays } from '../numerics/models/named-arrays.ts';
import type { GreyPicture, ResultFolders } from './result-ports.ts';

/** What a job needs of the outside. Storage and compute implement these; jobs never see a file system or a process. */
export interface Ports {
  readonly scans: ScanFiles;
  readonly dicom: DicomFiles;
  readonly results: ResultFolders;
  readonly models: ModelStore;
  readonly priors: PriorStore;
  readonly sources: SourceStore;
  readonly runs: RunStore;
  readonly library: ScanLibrary;
  readonly audit: AuditTrail;
  /** What ships about the methods. */
  evidence(): Promise<Evidence>;
  readonly machine: Machine;
}

/** Who did what with which model version and which scan. */
export interface AuditTrail {
  /** On disk when it returns; record first, then act. Ids, versions and hashes only. */
  record(action: string, details: Readonly<Record<string, string | number>>): Promise<void>;
}

/** What the caller of a job gives beside the request. */
export interface JobContext {
  readonly signal: AbortSignal;
  report(progress: Progress): void;
  /** Lets messages in; throws `job/cancelled` when the user asked to stop. Call it between steps. */
  breathe(phase: string): Promise<void>;
}

export interface ScanFile {
  /** File name without its extensions, e.g. `hippocampus_001`. */
  readonly name: string;
  readonly path: string;
}

/** A labelled case: one file a channel, and its label image. */
export interface LabelledCase {
  readonly name: string;
  readonly imagePaths: readonly string[];
  readonly labelPath: string;
}

/** Two folders with matching names, or an nnU-Net raw data set. */
export interface LabelledDataset {
  readonly cases: readonly LabelledCase[];
  /** Names of channels that the data set gives, nnU-Net's dataset.json; may be fewer than there are: see `channelNames`. */
  readonly channels: readonly string[];
  /** Names of label values where the data set gives them (nnU-Net's dataset.json); else empty. */
  readonly labelNames: Readonly<Record<number, string>>;
  /** Images without labels, where they are kept and not refused. */
  readonly unlabelled: readonly Omit<LabelledCase, 'labelPath'>[];
}

/** Two folders for `readDataset`, or a raw data set of nnU-Net as both. */
export interface LabelledSource {
  readonly images: string;
  readonly labels: string;
}

export interface ScanFiles {
  /** One NIfTI or NRRD image. @throws AppError of the imaging area with what to do */
  readVolume(path: string): Promise<Volume>;
  /** SHA-256 (hex) over size, affine and voxel values: the same scan has the same hash in any file format. */
  hashVolume(volume: Volume): string;
  /** Inputs for `listScans`: DICOM files of one folder that were named one by one are one input. */
  bundle(inputs: readonly string[]): Promise<readonly string[]>;
  /** Scans of a folder in name order; a file path gives that one scan. */
  listScans(path: string): Promise<readonly ScanFile[]>;
  /** The same with pictures in colour, which can be looked at but neither segmented nor learnt from. */
  readonly viewable: Pick<ScanFiles, 'readVolume'> & {
    /** Those of sub-folders too, but for some. */
    listScans(path: string, without?: readonly string[]): Promise<readonly ScanFile[]>;
  };
  readDataset(source: LabelledSource, settings?: { readonly unlabelled: 'refused' | 'kept' }): Promise<LabelledDataset>;
  /** The data sets of images with labels that some inputs hold, themselves or in sub-folders: `imagesTr` and `labelsTr` (nnU-Net) or `images` and `labels`, which may be two of the inputs. */
  labelledFolders(inputs: readonly string[]): Promise<readonly LabelledSource[]>;
}

/** DICOM files found below some inputs. Headers hold patient text: for the caller's eyes, never for a log. */
export interface DicomScan {
  /** Where each header's file is. */
  readonly sources: readonly { readonly path: string; readonly entry?: string }[];
  readonly headers: readonly ListedHeader[];
  /** Files that are no DICOM. */
  readonly others: number;
  readonly damaged: readonly { readonly name: string; readonly reason: AppError }[];
}

export interface DicomFiles {
  scan(inputs: readonly string[], context: JobContext): Promise<DicomScan>;
  /** Decodes a planned part. @throws AppError of the dicom area */
  readPart(scan: DicomScan, part: SeriesPart): Promise<Volume>;
}

export interface ModelDraft {
  readonly record: Omit<ModelRecord, 'modelVersion' | 'appVersion' | 'createdAt'>;
  readonly weights: NamedArrays;
  /** Markdown. */
  readonly card: string;
}

export interface ModelStore {
  /** Publishes the next version of `record.name`; it is current at once unless another is and `makeCurrent` is false. */
  publish(draft: ModelDraft, settings?: { readonly makeCurrent: boolean }): Promise<ModelRecord>;
  /** The current version where none is given; shipped models are found too. Checks hashes and the record's version. */
  load(name: string, modelVersion?: number): Promise<{ readonly record: ModelRecord; readonly weights: NamedArrays }>;
  list(): Promise<readonly { readonly record: ModelRecord; readonly current: boolean; readonly shipped: boolean }[]>;
}

export interface StoredPrior {
  readonly name: string;
  readonly sha256: string;
  /** The report of `learn-prior`, sources by name and hash among it. */
  readonly record: Readonly<Record<string, unknown>>;
  /** Kernel VAEs by group (`group-1/...`), and under `start/` the source net that PR, PRf and L2-SP start from. */
  readonly weights: NamedArrays;
}

export interface PriorStore {
  load(name: string): Promise<StoredPrior>;
  /** Pictures by file name are kept beside the prior. */
  publish(
    prior: Omit<StoredPrior, 'sha256'> & {
      readonly card: string;
      readonly pictures?: Readonly<Record<string, GreyPicture>>;
    },
  ): Promise<StoredPrior>;
  list(): Promise<readonly { readonly name: string; readonly shipped: boolean }[]>;
}

/** Kernel snapshots of source nets in a folder that several machines may share: `member-3/cycle-2.safetensors`. */
export interface SourceStore {
  saveSnapshot(
    folder: string,
    at: { readonly member: number; readonly cycle: number },
    weights: NamedArrays,
    record: Readonly<Record<string, unknown>>,
  ): Promise<void>;
  listSnapshots(
    folder: string,
  ): Promise<readonly { readonly member: number; readonly cycle: number; readonly sha256: string }[]>;
  loadSnapshot(
    folder: string,
    at: { readonly member: number; readonly cycle: number },
  ): Promise<{ readonly weights: NamedArrays; readonly record: Readonly<Record<string, unknown>> }>;
}

/** A checkpoint: arrays and plain state, saved and found again together or not at all. */
export interface Checkpoint {
  readonly arrays: NamedArrays;
  readonly state: Readonly<Record<string, unknown>>;
}

export interface RunStore {
  /** The last checkpoint of the run with this key (a hash of data, settings and seed), if it was interrupted. */
  loadCheckpoint(runKey: string): Promise<Checkpoint | undefined>;
  saveCheckpoint(runKey: string, checkpoint: Checkpoint): Promise<void>;
  /** The run ended: its checkpoint is removed, its settings, curves and outcome are kept. */
  finish(runKey: string, outcome: Readonly<Record<string, unknown>>): Promise<void>;
  /** Stable hash of JSON data, for run keys. */
  keyOf(data: unknown): string;
}

export interface Machine {
  readonly compute: ComputeDescription;
  readonly appVersion: string;
  /** Monotonic. */
  nowMs(): number;
  /** Highest resident memory of the compute process so far. */
  peakMemoryBytes(): number;
  /** What the compute process holds now. */
  residentMemoryBytes(): number;
  /** How often a training saves where it is. */
  readonly checkpointEveryMs: number;
  /** Memory that a job may use (cgroup limit or free memory, less a reserve). */
  availableMemoryBytes(): number;
}

/** The app's scans. */
export interface ScanLibrary {
  /** Keeps a scan as it was read, with labels if it has some; one that is there already is not kept twice. */
  add(scan: {
    readonly name: string;
    readonly volume: Volume;
    readonly labels?: Volume | undefined;
    readonly structures: readonly { readonly label: number; readonly name: string }[];
    /** What the images are called where the volume holds several. */
    readonly channels?: readonly string[] | undefined;
  }): Promise<{ readonly id: string; readonly isNew: boolean; readonly gotLabels: boolean }>;
}
