import { z } from 'zod';

const vec3 = z.tuple([z.number(), z.number(), z.number()]);

/** How a scan becomes what the network sees; made from the training data's own fingerprint, stored with the model. */
export const preprocessingPlanSchema = z.object({
  /** Voxel axes are turned to this before anything else. */
  orientation: z.literal('RAS'),
  spacingMm: vec3,
  /** Sides of a training patch and of a prediction patch, voxels along i, j, k (x, y, z), multiples of 8. */
  patchSize: vec3,
  /** Per channel: intensities are clipped at these percentiles of the scan, then shifted and scaled to mean 0 and deviation 1. */
  normalisation: z.array(
    z.object({ kind: z.literal('z-score'), lowPercentile: z.number(), highPercentile: z.number() }),
  ),
  /** Smallest and largest side of the training scans' fields of view, mm, per axis: beyond it the model refuses. */
  fieldOfViewMm: z.object({ low: vec3, high: vec3 }),
});
export type PreprocessingPlan = z.infer<typeof preprocessingPlanSchema>;

/**
 * How a model is made from a few scans (methods 1.4): `ensemble` and `pr-ensemble` are several `ri` and `pr`, `dwp-from-pr` is PR for half the
 * budget and DWP from there; `lowrank` is DWP with a Gaussian through the source net's snapshots as the prior.
 */
export const methodSchema = z.enum([
  'dwp',
  'ri',
  'pr',
  'prf',
  'l2sp',
  'ensemble',
  'pr-ensemble',
  'dwp-from-pr',
  'lowrank',
]);
export type Method = z.infer<typeof methodSchema>;
/** What can be asked of `adapt`: one of them, or a choice by cross-validation. */
export const adaptMethodSchema = z.enum([...methodSchema.options, 'auto']);
export type AdaptMethod = z.infer<typeof adaptMethodSchema>;
/** What `compare` can train beyond that: a MaxEntropy Pursuit mixture of DWP posteriors. */
export const armSchema = z.enum([...adaptMethodSchema.options, 'mpvi']);
export type Arm = z.infer<typeof armSchema>;

/**
 * What a component keeps to know its own site's scans by: mean and deviation of each image feature over its training scans
 * (`numerics/inference/scan-features.ts`). No voxel is kept.
 */
export const scanGateSchema = z.object({
  scans: z.number().int().positive(),
  mean: z.array(z.number()),
  deviation: z.array(z.number().nonnegative()),
});
export type ScanGate = z.infer<typeof scanGateSchema>;

/** By how much the volume intervals of a model are stretched so that they hold the truth as often as they say: `main/jobs/calibrate-intervals.ts`. */
export const intervalCalibrationSchema = z.object({
  folds: z.number().int().min(2),
  /** That the factors were found on, each by a network that had not seen it. */
  scans: z.number().int().positive(),
  /** Share of further scans whose truth a stretched interval is to hold: 0.9, or what so few scans can say. */
  level: z.number().min(0).max(1),
  /** About the median, of each structure in its order. */
  factors: z.array(z.number().min(1)),
});
export type IntervalCalibration = z.infer<typeof intervalCalibrationSchema>;

/** How samples of a mixture choose their component: by its weight, by the scan's features, or the one with the least predictive entropy on the scan. */
export const componentChoiceSchema = z.enum(['weights', 'gate', 'entropy']);
export type ComponentChoice = z.infer<typeof componentChoiceSchema>;

const singleWeightsSchema = z.object({
  kind: z.enum(['point', 'gaussian', 'ensemble']),
  members: z.number().int().positive(),
});

/** One site's posterior within a mixture. */
const mixtureComponentSchema = z.object({
  site: z.string(),
  weights: singleWeightsSchema,
  /** Share of the training scans; the weights of a mixture sum to 1. */
  weight: z.number().positive(),
  scans: z.number().int().positive(),
  /** The model version that brought it in; no number where that is the record's own. */
  addedBy: z.object({ name: z.string(), modelVersion: z.number().int().positive().nullable() }),
  gate: scanGateSchema.nullable(),
});
export type MixtureComponentRecord = z.infer<typeof mixtureComponentSchema>;

/** SHA-256 of an image and its labels (decoded voxels and affine). No names: they may be patients'. */
const scanHashesSchema = z.object({ imageSha256: z.string(), labelSha256: z.string() });

/** The record of one immutable model version; the weights lie beside it. */
export const modelRecordSchema = z.object({
  version: z.literal(2),
  name: z.string(),
  modelVersion: z.number().int().positive(),
  method: methodSchema,
  architecture: z.object({
    family: z.literal('residual-unet'),
    size: z.enum(['short', 'full']),
    inputChannels: z.number().int().positive(),
    classes: z.number().int().min(2),
  }),
  /** `point`: one weight set. `gaussian`: mean and log-variance. `ensemble`: several weight sets. `mixture`: one posterior a site, as `mixture` says. */
  weights: z.object({
    kind: z.enum(['point', 'gaussian', 'ensemble', 'mixture']),
    members: z.number().int().positive(),
  }),
  /** Of a mixture alone. */
  mixture: z
    .object({ choice: componentChoiceSchema, components: z.array(mixtureComponentSchema).min(2) })
    .nullable()
    .default(null),
  /** What a later mixture will know this model's scans by; null in models made before there was one, and in mixtures. */
  gate: scanGateSchema.nullable().default(null),
  /** Deviation of a scan's border from the network's, logits, by which posterior samples differ beyond their weights. */
  borderDeviation: z.number().nonnegative().default(0),
  /** Divides the logits of every sample before they become probabilities; 1 in models made before there was one. */
  temperature: z.number().positive().default(1),
  /** Null where the adaptation was not asked for it, in mixtures, and in models made before there was one. */
  intervalCalibration: intervalCalibrationSchema.nullable().default(null),
  channels: z.array(z.string()),
  /** Foreground structures in the order of the network's classes 1, 2, ...; `label` is the value in label images. */
  structures: z.array(z.object({ label: z.number().int(), name: z.string() })),
  plan: preprocessingPlanSchema,
  prior: z.object({ name: z.string(), sha256: z.string() }).nullable(),
  training: z.object({
    scans: z.array(scanHashesSchema),
    heldOut: z.array(scanHashesSchema),
    /** Scans that trained the versions which this one went on from. */
    before: z.array(scanHashesSchema).default([]),
    seed: z.number().int(),
    steps: z.number().int(),
    elapsedMs: z.number(),
    settings: z.record(z.string(), z.unknown()),
  }),
  metrics: z.record(z.string(), z.unknown()),
  compute: z.record(z.string(), z.unknown()),
  appVersion: z.string(),
  createdAt: z.string(),
});
export type ModelRecord = z.infer<typeof modelRecordSchema>;

/** Every scan that a version's weights have seen: judged on these, it looks better than it is. */
export const scansThatTrained = ({ training }: Pick<ModelRecord, 'training'>) => [
  ...training.scans,
  ...training.before,
];
