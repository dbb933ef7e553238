import { z } from 'zod';

const finiteOrNull = z.number().nullable();
const calibration = z.object({ ece: finiteOrNull, ace: finiteOrNull });
const byMap = z.object({
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
          /** The interval as the model's calibration on local scans stretches it; absent without one. */
          calibratedHoldsTruth: z.boolean().optional(),
          /** What the samples say; absent without them. */
          sampleVolumesMl: z.array(z.number()).optional(),
          sampleDice: z.number().optional(),
          /** Dice that the probabilities themselves expect of the prediction; null where neither holds anything. */
          expectedDice: z.number().nullable().optional(),
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
    /** Of the calibrated intervals; absent without them. */
    calibratedCoverage: z.number().optional(),
    /** Within 5 mm of the union of truth and prediction (methods 2), as are ace, nll, reliability and auroc. */
    ece: finiteOrNull,
    ace: finiteOrNull,
    nll: finiteOrNull,
    /** Mean absolute volume error over cases and structures. */
    volumeErrorMl: finiteOrNull,
    reliability: z.array(reliabilityBin),
    /** Within 2 mm of the border of truth and prediction. */
    band: calibration,
    auroc: byMap,
    /** Area under the curve of precision and recall, a wrong voxel being what is looked for. */
    auprc: byMap.optional(),
    /** Share of the wrong voxels that are left once so many voxels with the greatest values are taken away (looked at and corrected). */
    errorKept: z.array(z.object({ removed: z.number(), kept: byMap })).optional(),
    /** Share of true volumes between order statistics of the sampled volumes; levels as far as the samples reach. */
    coverage: z.array(z.object({ level: z.number(), share: finiteOrNull })).optional(),
    /** Spearman's rank correlation with a case's true Dice, mean over structures. */
    scoreCorrelation: z
      .object({ sampleDice: finiteOrNull, volumeCv: finiteOrNull, expectedDice: finiteOrNull.optional() })
      .optional(),
    whole: z.object({ ece: finiteOrNull, ace: finiteOrNull, nll: finiteOrNull, auroc: byMap }),
  }),
});
export type Evaluation = z.infer<typeof evaluationSchema>;
