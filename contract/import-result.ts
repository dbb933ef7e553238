import { z } from 'zod';

const vec3 = z.tuple([z.number(), z.number(), z.number()]);
const failure = z.object({ code: z.string(), message: z.string() });

/** A volume that a series holds, or why it holds none. A series of several echoes, phases or orientations is listed once for each part. */
const seriesSchema = z.object({
  seriesInstanceUid: z.string(),
  modality: z.string(),
  description: z.string(),
  number: z.number().nullable(),
  /** From 1 to `parts`. */
  part: z.number().int(),
  parts: z.number().int(),
  /** What it is in words: `MR image`, `localizer`, `structured report`. */
  kind: z.string(),
  files: z.number().int(),
  notes: z.array(z.string()),
  volume: z.object({ size: vec3, spacingMm: vec3, affineRasMm: z.array(z.array(z.number())) }).optional(),
  refusal: failure.optional(),
  /** Pictures in colour, which are refused as a volume but can be looked at in the app: columns, rows and how many. */
  pictures: z.object({ size: vec3, placed: z.boolean() }).optional(),
});

/** What `fewscan import` found. */
export const importResultSchema = z.object({
  studies: z.array(
    z.object({
      studyInstanceUid: z.string(),
      patient: z.object({ name: z.string(), id: z.string() }),
      description: z.string(),
      date: z.string(),
      series: z.array(seriesSchema),
    }),
  ),
  /** Files that are no DICOM. */
  otherFiles: z.number().int(),
  damagedFiles: z.array(failure.extend({ name: z.string() })),
  /** The converted series, where one was asked for. */
  written: z.object({ file: z.string(), sideCar: z.string(), warnings: z.array(z.string()) }).optional(),
});
export type ImportResult = z.infer<typeof importResultSchema>;
