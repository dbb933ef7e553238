import { z } from 'zod';
import { doctorReportSchema } from '../doctor.ts';
import { evidenceSchema } from '../evidence.ts';
import { forecastSchema } from '../forecast.ts';
import { adaptMethodSchema, modelRecordSchema } from '../model.ts';
import { jobStateSchema } from './job-state.ts';
import { packageLicenceSchema } from './package-licence.ts';
import { reviewSchema, scanEntrySchema, structureSchema } from './scan-entry.ts';
import { appSettingsSchema } from './settings.ts';

const nothing = z.object({});
const scan = z.object({ id: z.string() });
const modelVersion = z.object({ name: z.string(), version: z.number().int().positive() });
const call = <Input extends z.ZodType, Output extends z.ZodType>(input: Input, output: Output) => ({ input, output });

const segmentation = z.object({
  scan: z.string(),
  model: z.string(),
  version: z.number().int().positive(),
  samples: z.number().int().min(1).max(99).default(19),
  /** Where to look, RAS+ mm: [x0, y0, z0, x1, y1, z1]; everywhere where absent. */
  boxRasMm: z.tuple([z.number(), z.number(), z.number(), z.number(), z.number(), z.number()]).optional(),
});
const learning = z.object({
  scans: z.array(z.string()).min(2),
  minutes: z.number().positive().max(1440),
  holdOut: z.number().min(0).max(0.9).default(0.2),
  seed: z.number().int().nonnegative().default(0),
});
const adaptation = learning.extend({
  name: z.string(),
  prior: z.string(),
  method: adaptMethodSchema.default('dwp'),
  calibrate: z.boolean().default(false),
});
/** A further site joins a model version; what the site is called goes into the model's card. */
const update = learning.extend({
  model: z.string(),
  version: z.number().int().positive(),
  site: z.string().trim().min(1).max(60),
  /** The model's own when absent. */
  prior: z.string().optional(),
});

/** Everything a window may ask of the main process. Unknown names and malformed input never reach a handler. */
export const calls = {
  'library/list': call(nothing, z.array(scanEntrySchema)),
  /** Files, folders or zips on this machine; the answer is the job that reads them. */
  'library/add': call(z.object({ paths: z.array(z.string()).min(1) }), jobStateSchema),
  /** Scans of one image each, in order, become one scan of several; those stay. The answer is the job that does it. */
  'library/combine': call(
    z.object({
      name: z.string().trim().min(1).max(200),
      channels: z.array(z.object({ id: z.string(), name: z.string().trim().min(1).max(60) })).min(2),
    }),
    jobStateSchema,
  ),
  'library/add-demo': call(nothing, jobStateSchema),
  'library/update': call(
    scan.extend({
      name: z.string().min(1).optional(),
      tags: z.array(z.string()).optional(),
      review: reviewSchema.optional(),
    }),
    scanEntrySchema,
  ),
  'library/remove': call(scan, nothing),
  'library/set-structures': call(scan.extend({ structures: z.array(structureSchema) }), scanEntrySchema),
  'models/list': call(
    nothing,
    z.array(z.object({ record: modelRecordSchema, current: z.boolean(), shipped: z.boolean() })),
  ),
  /** The model card, Markdown. */
  'models/card': call(modelVersion, z.object({ card: z.string() })),
  /** Two versions on labelled scans; those that trained one of them are left out. The earlier version comes first. */
  'models/compare': call(
    z.object({
      name: z.string(),
      versions: z.tuple([z.number().int().positive(), z.number().int().positive()]),
      scans: z.array(z.string()).min(1),
    }),
    jobStateSchema,
  ),
  'models/use': call(modelVersion, nothing),
  'models/roll-back': call(z.object({ name: z.string() }), nothing),
  'models/remove': call(modelVersion, nothing),
  /** A file that was exported, on this machine. */
  'models/import': call(z.object({ path: z.string() }), nothing),
  'priors/list': call(nothing, z.array(z.object({ name: z.string(), shipped: z.boolean() }))),
  'segment/forecast': call(segmentation, forecastSchema),
  'segment/start': call(segmentation, jobStateSchema),
  'adapt/forecast': call(adaptation, forecastSchema),
  'adapt/start': call(adaptation, jobStateSchema),
  'update/forecast': call(update, forecastSchema),
  'update/start': call(update, jobStateSchema),
  'jobs/list': call(nothing, z.array(jobStateSchema)),
  'jobs/cancel': call(scan, nothing),
  /** Stops at the step and keeps the checkpoint. */
  'jobs/pause': call(scan, nothing),
  'jobs/resume': call(scan, jobStateSchema),
  'audit/list': call(
    nothing,
    z.array(
      z.object({
        at: z.string(),
        by: z.string(),
        action: z.string(),
        details: z.record(z.string(), z.union([z.string(), z.number()])),
      }),
    ),
  ),
  'settings/get': call(nothing, appSettingsSchema),
  'settings/set-keys': call(appSettingsSchema.pick({ keys: true }), appSettingsSchema),
  about: call(nothing, z.object({ version: z.string(), home: z.string(), notice: z.string() })),
  /** What methods were measured to reach on scans of others. */
  evidence: call(nothing, evidenceSchema),
  /** Of all packages that the program contains. */
  licences: call(nothing, z.array(packageLicenceSchema)),
  /** What this machine can do, as `fewscan doctor` says it. */
  doctor: call(nothing, doctorReportSchema),
} as const;

export type CallName = keyof typeof calls;
export type CallInput<Name extends CallName> = z.input<(typeof calls)[Name]['input']>;
export type CallRequest<Name extends CallName> = z.output<(typeof calls)[Name]['input']>;
export type CallOutput<Name extends CallName> = z.output<(typeof calls)[Name]['output']>;

/** What the main process tells windows by itself. */
export const events = {
  job: jobStateSchema,
  /** The library changed: list it anew. */
  library: z.object({}),
  models: z.object({}),
} as const;
export type EventName = keyof typeof events;
export type EventPayload<Name extends EventName> = z.output<(typeof events)[Name]>;
