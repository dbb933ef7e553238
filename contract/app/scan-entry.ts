import { z } from 'zod';
import { segmentationReportSchema } from '../segmentation-report.ts';

const triple = z.tuple([z.number(), z.number(), z.number()]);

export const structureSchema = z.object({ label: z.number().int().positive(), name: z.string() });
export type Structure = z.infer<typeof structureSchema>;

/** What became of a scan: not looked at, being corrected, or signed off by a person. */
export const reviewSchema = z.enum(['new', 'in review', 'approved']);

/** What is known of a scan in the library; voxels lie beside it. */
export const scanRecordSchema = z.object({
  version: z.literal(1),
  id: z.string(),
  name: z.string(),
  addedAt: z.string(),
  /** Voxels along i, j, k. */
  size: triple,
  spacingMm: triple,
  components: z.number().int().positive(),
  /** What its images are called where it holds several; may be empty. */
  channels: z.array(z.string()).default([]),
  /** Set where these are pictures in colour, to be looked at alone; `placed` where they are where they were taken. */
  pictures: z.object({ placed: z.boolean() }).nullable().default(null),
  /** Read from DICOM: its labels can go back as a DICOM segmentation. */
  dicom: z.boolean().default(false),
  /** Over size, affine and values: the same scan is added once, and known again where it trained a model. */
  imageSha256: z.string(),
  tags: z.array(z.string()),
  review: reviewSchema,
  /** What a person drew or corrected. */
  labels: z.object({ updatedAt: z.string(), sha256: z.string(), structures: z.array(structureSchema) }).nullable(),
  /** Corrections made while reading. */
  warnings: z.array(z.string()),
});
export type ScanRecord = z.infer<typeof scanRecordSchema>;

/** One segmentation of a scan by a model. */
export const scanResultSchema = z.object({ id: z.string(), createdAt: z.string(), report: segmentationReportSchema });
export type ScanResult = z.infer<typeof scanResultSchema>;

export const scanEntrySchema = scanRecordSchema.extend({ results: z.array(scanResultSchema) });
export type ScanEntry = z.infer<typeof scanEntrySchema>;
