import { z } from 'zod';

const finiteOrNull = z.number().nullable();
const calibration = z.object({ ece: finiteOrNull, ace: finiteOrNull });
const auroc = z.object({
  predictiveEntropy: finiteOrNull,
  expectedEntropy: finiteOrNull,
  mutualInformation: finiteOrNull,
  variance: finiteOrNull,
});
const reliabilityBin = z.object({
  low: z.number(),
  high: z.number(),
  voxels: z.number(),
  confidence: finiteOrNull,
  accuracy: finiteOrNull,
});

/** What `fewscan evaluate` writes. null: not defined for these data (an empty structure, no wrong voxel). Keys are stable. */
export const evaluationSchema = z.object({
  version: z.literal(1),
  cases: z.array(
    z.object({
      name: z.string(),
      structures: z.array(
        z.object({
          name: z.string(),
          label: z.number().int(),
          dice: finiteOrNull,
          iou: finiteOrNull,
          hd95Mm: finiteOrNull,
          assdMm: finiteOrNull,
          volumeMl: z.number(),
          trueVolumeMl: z.number(),
          intervalHoldsTruth: z.boolean().nullable(),
        }),
      ),
    }),
  ),
  summary: z.object({
    /** Mean over structures of the mean Dice over cases. */
    meanDice: finiteOrNull,
    structures: z.array(
      z.object({
        name: z.string(),
        label: z.number().int(),
        cases: z.number().int(),
        dice: finiteOrNull,
        iou: finiteOrNull,
        hd95Mm: finiteOrNull,
        assdMm: finiteOrNull,
        ece: finiteOrNull,
        ace: finiteOrNull,
        volumeErrorMl: finiteOrNull,
        intervalCoverage: finiteOrNull,
      }),
    ),
    intervalCoverage: finiteOrNull,
    /** Within 5 mm of the union of truth and prediction (methods 2), as are ace, nll, reliability and auroc. */
    ece: finiteOrNull,
    ace: finiteOrNull,
    nll: finiteOrNull,
    /** Mean absolute volume error over cases and structures. */
    volumeErrorMl: finiteOrNull,
    reliability: z.array(reliabilityBin),
    /** Within 2 mm of the border of truth and prediction. */
    band: calibration,
    auroc,
    whole: z.object({ ece: finiteOrNull, ace: finiteOrNull, nll: finiteOrNull, auroc }),
  }),
});
export type Evaluation = z.infer<typeof evaluationSchema>;
