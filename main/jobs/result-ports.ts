import type { Comparison } from '../../contract/comparison.ts';
import type { Evaluation } from '../../contract/evaluation.ts';
import type { Reproduction } from '../../contract/reproduction.ts';
import type { SegmentationReport } from '../../contract/segmentation-report.ts';
import type { DicomReference } from '../imaging/dicom/dicom-reference.ts';
import type { SegmentationFacts } from '../imaging/dicom/encode-segmentation.ts';
import type { Grid, Volume } from '../imaging/volume.ts';

/** What the overview picture of a segmented scan shows. Maps lie on the image's grid. */
export interface OverviewPicture {
  readonly image: Volume;
  readonly structures: readonly { readonly name: string; readonly label: number; readonly probability: Float32Array }[];
  /** Nats. */
  readonly predictiveEntropy: Float32Array;
  readonly report: SegmentationReport;
}

/** A segmented scan of the demo beside its held-back label. Everything lies on the image's grid. */
export interface DemoScan {
  readonly name: string;
  readonly image: Volume;
  readonly structures: OverviewPicture['structures'];
  /** 1 where the structure is labelled, in the structures' order. */
  readonly truth: readonly Float32Array[];
  readonly maps: Readonly<
    Record<'predictiveEntropy' | 'expectedEntropy' | 'mutualInformation' | 'variance', Float32Array>
  >;
  readonly report: SegmentationReport;
  readonly evaluation: Evaluation['cases'][number];
}

/** What the demo's page tells. */
export interface DemoPage {
  readonly model: { readonly name: string; readonly version: number; readonly method: string };
  readonly prior: string;
  readonly trainedOn: number;
  readonly steps: number;
  readonly adaptedMs: number;
  readonly samples: number;
  readonly seed: number;
  /** Back end, device and threads in a few words. */
  readonly compute: string;
  readonly curves: readonly {
    readonly step: number;
    readonly loss: number;
    readonly dataLoss: number;
    readonly kl: number | null;
  }[];
  readonly scans: readonly DemoScan[];
  /** Where the scans come from, and their licence. */
  readonly attribution: string;
}

/** A folder of results that becomes visible whole, or not at all. */
export interface ResultDraft {
  writeBytes(relativePath: string, bytes: Uint8Array): Promise<void>;
  writeJson(relativePath: string, value: unknown): Promise<void>;
  /** gzip NIfTI-1; the type of `volume.voxels` is kept. */
  writeNifti(relativePath: string, volume: Volume): Promise<void>;
  /** gzip NIfTI-1 of `count` images along the fourth axis, written as they come: one is in memory at a time. */
  writeNiftiSeries(
    relativePath: string,
    series: { readonly grid: Grid; readonly count: number; readonly images: Iterable<Uint8Array | Uint16Array> },
  ): Promise<void>;
  /** A DICOM segmentation of the images that `reference` names. */
  writeDicomSegmentation(
    relativePath: string,
    labels: Volume,
    reference: DicomReference,
    facts: Pick<SegmentationFacts, 'structures' | 'drawnBy'>,
  ): Promise<void>;
  /** Predictive entropy of `classes` classes as a DICOM parametric map. */
  writeDicomUncertainty(
    relativePath: string,
    map: Volume<Float32Array>,
    reference: DicomReference,
    classes: number,
  ): Promise<void>;
  /** A PNG for people. */
  writeOverview(relativePath: string, picture: OverviewPicture): Promise<void>;
  /** Moves the draft into place; an earlier result of ours at that place is replaced. */
  publish(): Promise<void>;
  discard(): Promise<void>;
}

export interface ResultFolders {
  /** Refuses (`storage/foreign-folder`) where `folder` exists and was not written by Fewscan. */
  draft(folder: string): Promise<ResultDraft>;
  /** Streams one image into a folder that may hold others (synthesize); atomic a file. */
  writeNifti(path: string, volume: Volume): Promise<void>;
  writeJson(path: string, value: unknown): Promise<void>;
  writeBytes(path: string, bytes: Uint8Array): Promise<void>;
  writeText(path: string, text: string): Promise<void>;
  /** One HTML file with everything inside. */
  writeDemoPage(path: string, page: DemoPage): Promise<void>;
  /** SVG. */
  writeComparisonPlot(path: string, comparison: Comparison): Promise<void>;
  /** Dice over minutes; nothing where there are fewer than two budgets in minutes. */
  writeMinutesPlot(path: string, comparison: Comparison): Promise<void>;
  /** SVG: ours and the published figures over what is counted. */
  writeReproductionPlot(path: string, reproduction: Reproduction): Promise<void>;
  /** SVG: target and components in the plane, and KL by number of components. */
  writePursuitPlot(path: string, reproduction: Reproduction): Promise<void>;
  /** PNG. */
  writePicture(path: string, picture: GreyPicture): Promise<void>;
  /** undefined where there is no such file. */
  readBytes(path: string): Promise<Uint8Array | undefined>;
  readJson(path: string): Promise<unknown>;
  /** Names of the files and folders in a folder, sorted; [] where it does not exist. */
  list(folder: string): Promise<readonly string[]>;
}

/** A picture of grey levels, row by row from the top. */
export interface GreyPicture {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array;
}
