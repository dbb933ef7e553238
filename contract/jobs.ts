import { z } from 'zod';
import { adaptMethodSchema, armSchema, componentChoiceSchema } from './model.ts';

const whole = z.number().int().nonnegative();
const positive = z.number().int().positive();
const triple = z.tuple([positive, positive, positive]);

/** How long a training goes on: one of these, or the recipe's own steps. */
const budget = {
  minutes: z.number().positive().optional(),
  epochs: positive.optional(),
  steps: positive.optional(),
};

/** How a model version is learned from labelled scans. */
const learning = {
  ...budget,
  holdOut: z.number().min(0).max(0.9).default(0.2),
  seed: whole.default(0),
  /** Case names to train on; all of the folder when absent. */
  cases: z.array(z.string()).optional(),
  /** Whether the version is used at once; one that has no other before it always is. */
  makeCurrent: z.boolean().default(true),
  settings: z.record(z.string(), z.unknown()).default({}),
};

const requests = {
  doctor: z.object({ kind: z.literal('doctor') }),
  synthesize: z.object({
    kind: z.literal('synthesize'),
    labels: z.string(),
    out: z.string(),
    count: positive,
    target: z.array(whole).min(1),
    crop: triple.default([40, 56, 40]),
    seed: whole.default(0),
    /** Folder with `generation_labels.npy`, `generation_classes.npy`, `prior_means_t1.npy`, `prior_stds_t1.npy`; found beside the maps when absent. */
    priors: z.string().optional(),
    intensities: z.enum(['random', 't1', 'mixed']).default('mixed'),
    /** Mirror images along left-right: half of them at random, or so that each structure lies as on the left, or the right, side. */
    sides: z.enum(['both', 'left', 'right']).default('both'),
  }),
  'train-source': z.object({
    kind: z.literal('train-source'),
    images: z.string(),
    labels: z.string(),
    out: z.string(),
    members: positive,
    cycles: positive,
    member: whole.optional(),
    stepsPerCycle: positive.default(150),
    mergeLabels: z.array(whole).optional(),
    size: z.enum(['short', 'full']).default('short'),
    seed: whole.default(0),
    /** Overrides of the training recipe. */
    settings: z.record(z.string(), z.unknown()).default({}),
  }),
  'learn-prior': z.object({
    kind: z.literal('learn-prior'),
    sources: z.string(),
    /** Snapshots whose best net methods start from; those of `sources` when absent. */
    start: z.string().optional(),
    name: z.string(),
    seed: whole.default(0),
    /** Training steps of each group's VAE. */
    steps: positive.default(3000),
    /** Kernels of the held-out nets, of each group, that the prior is judged by. */
    judged: positive.default(2000),
    /** A prior that learns the kernels of these sources too, without those that it was learned from. */
    update: z.string().optional(),
  }),
  adapt: z.object({
    kind: z.literal('adapt'),
    images: z.string(),
    labels: z.string(),
    prior: z.string().optional(),
    method: adaptMethodSchema.default('dwp'),
    name: z.string(),
    /** Stretches volume intervals to what cross-validation on the scans shows; takes as long again as the training. */
    calibrate: z.boolean().default(false),
    ...learning,
  }),
  /** A new site joins a model as a component of a mixture. */
  update: z.object({
    kind: z.literal('update'),
    model: z.string(),
    modelVersion: positive.optional(),
    images: z.string(),
    labels: z.string(),
    /** The model's own when absent: its next version. */
    name: z.string().optional(),
    /** What the new site is called in record and card. */
    site: z.string().min(1).max(60).optional(),
    prior: z.string().optional(),
    method: z.enum(['dwp', 'pr']).default('dwp'),
    choice: componentChoiceSchema.optional(),
    ...learning,
  }),
  /** Two versions of a model on labelled scans that trained neither. */
  'compare-versions': z.object({
    kind: z.literal('compare-versions'),
    name: z.string(),
    versions: z.tuple([positive, positive]),
    images: z.string(),
    labels: z.string(),
    samples: positive.default(19),
  }),
  /** The sites of a mixture become one posterior. */
  consolidate: z.object({
    kind: z.literal('consolidate'),
    model: z.string(),
    modelVersion: positive.optional(),
    images: z.string(),
    name: z.string().optional(),
    prior: z.string().optional(),
    ...budget,
    seed: whole.default(0),
    settings: z.record(z.string(), z.unknown()).default({}),
  }),
  segment: z.object({
    kind: z.literal('segment'),
    inputs: z.array(z.string()).min(1),
    model: z.string(),
    modelVersion: positive.optional(),
    out: z.string(),
    samples: positive.default(19),
    seed: whole.default(0),
    /** World box, RAS+ mm: [x0, y0, z0, x1, y1, z1]. */
    boxRasMm: z.tuple([z.number(), z.number(), z.number(), z.number(), z.number(), z.number()]).optional(),
    memoryLimitBytes: positive.optional(),
    /** Writes `samples.nii.gz` too: the segmentation of each sample. */
    keepSamples: z.boolean().default(false),
    /** Of scans that are DICOM: writes `uncertainty.dcm` too. */
    dicomMap: z.boolean().default(false),
    /** Writes what the samples so far say, from the first on; a run that is stopped leaves that. */
    interim: z.boolean().default(false),
  }),
  /** Lists DICOM, or converts one series. */
  import: z.object({
    kind: z.literal('import'),
    inputs: z.array(z.string()).min(1),
    series: z.string().optional(),
    part: positive.optional(),
    /** A .nii.gz; with `series`. */
    out: z
      .string()
      .regex(/\.nii\.gz$/i, 'must end in .nii.gz')
      .optional(),
    /** Corrections that the user agrees to. */
    correct: z.array(z.enum(['tilt', 'spacing'])).default([]),
  }),
  /** Reads scans into the app's library. */
  collect: z.object({
    kind: z.literal('collect'),
    inputs: z.array(z.string()).min(1),
    /** Label images of the first input's scans: a folder of the same names, or the same nnU-Net data set. */
    labels: z.string().optional(),
  }),
  /** Images of one patient on one grid become one scan of the library. */
  combine: z.object({
    kind: z.literal('combine'),
    name: z.string(),
    channels: z.array(z.object({ name: z.string(), image: z.string() })).min(2),
    labels: z.string().optional(),
    structures: z.array(z.object({ label: positive, name: z.string() })).default([]),
  }),
  evaluate: z.object({
    kind: z.literal('evaluate'),
    predictions: z.string(),
    labels: z.string(),
    out: z.string().optional(),
  }),
  compare: z.object({
    kind: z.literal('compare'),
    images: z.string(),
    labels: z.string(),
    prior: z.string(),
    out: z.string(),
    methods: z.array(armSchema).min(1),
    scans: z.array(positive).min(1).default([10]),
    seeds: z.array(whole).min(1).default([0, 1, 2]),
    steps: positive.optional(),
    minutes: z.number().positive().optional(),
    /** Case names (or `41-140`, positions in name order from 1) to draw training scans from and to test on. */
    trainFrom: z.string(),
    testOn: z.string(),
    samples: positive.default(19),
    /** Of arms that are one posterior also the calibrated intervals, found on the training scans: half as much training again for each of two halves. */
    calibrate: z.boolean().default(false),
    settings: z.record(z.string(), z.unknown()).default({}),
    /** Of the cells, in their order, every `of`-th from `part` on: several machines share the work through one folder. */
    shard: z.object({ part: whole, of: positive }).default({ part: 0, of: 1 }),
    /** Only draws table and plot anew from the cells that are there. */
    draw: z.boolean().default(false),
  }),
  demo: z.object({
    kind: z.literal('demo'),
    out: z.string(),
    /** Folders of labelled scans, of unseen scans, and of the unseen scans' held-back labels. */
    images: z.string(),
    labels: z.string(),
    unseenImages: z.string(),
    unseenLabels: z.string(),
    prior: z.string(),
    /** Of the training: a slower machine takes fewer steps in it, so that the whole demo stays under five minutes. */
    minutes: z.number().positive().default(3.5),
    /** Instead of the minutes; the result is then the same bytes each time. */
    steps: positive.optional(),
    samples: positive.default(19),
    seed: whole.default(0),
  }),
  /** An experiment of the methods' authors. What `options` may hold is the experiment's own matter (`main/jobs/reproduce/`). */
  reproduce: z.object({
    kind: z.literal('reproduce'),
    experiment: z.string(),
    /** Folder for the JSON, its table and plots. */
    out: z.string(),
    seeds: z.array(whole).min(1).optional(),
    methods: z.array(z.string()).min(1).optional(),
    /** A small form that ends within a minute and says nothing of the figures. */
    quick: z.boolean().default(false),
    /** Only draws table and plots anew from the JSON. */
    draw: z.boolean().default(false),
    options: z.record(z.string(), z.unknown()).default({}),
    settings: z.record(z.string(), z.unknown()).default({}),
  }),
} as const;

/** Every job that a shell may start, with its settings; paths are absolute. Defaults are the product's. */
export const jobRequests = {
  ...requests,
  /** What another job would need; nothing is changed. */
  forecast: z.object({
    kind: z.literal('forecast'),
    of: z.discriminatedUnion('kind', [requests.segment, requests.adapt, requests.update]),
  }),
} as const;

export type JobKind = keyof typeof jobRequests;
export type JobRequest<Kind extends JobKind = JobKind> = { [K in Kind]: z.infer<(typeof jobRequests)[K]> }[Kind];
export type JobInput<Kind extends JobKind = JobKind> = { [K in Kind]: z.input<(typeof jobRequests)[K]> }[Kind];

export const jobRequestSchema = z.discriminatedUnion('kind', [
  jobRequests.doctor,
  jobRequests.synthesize,
  jobRequests['train-source'],
  jobRequests['learn-prior'],
  jobRequests.adapt,
  jobRequests.update,
  jobRequests['compare-versions'],
  jobRequests.consolidate,
  jobRequests.segment,
  jobRequests.import,
  jobRequests.collect,
  jobRequests.combine,
  jobRequests.evaluate,
  jobRequests.compare,
  jobRequests.demo,
  jobRequests.reproduce,
  jobRequests.forecast,
]);
