import { AppError } from '../../contract/errors/app-error.ts';
import type { JobRequest } from '../../contract/jobs.ts';
import { scansThatTrained } from '../../contract/model.ts';
import { type VersionComparison, versionComparisonSchema } from '../../contract/version-comparison.ts';
import { bootstrapMean } from '../numerics/metrics/bootstrap.ts';
import { meanOfDefined as mean } from '../numerics/metrics/moments.ts';
import { derive, rootKey } from '../numerics/tensors/random.ts';
import { type CaseResult, emptyTally, evaluateCase } from './evaluate-case.ts';
import { readCase } from './labelled-cases.ts';
import { type LoadedModel, loadModel } from './load-model.ts';
import type { JobContext, LabelledCase, Ports } from './ports.ts';
import { predictCase } from './predict-case.ts';
import { summarise } from './summarise-evaluation.ts';

/**
 * Judges two versions of a model on the same labelled scans, those left out that trained either.
 * @throws AppError `job/no-unseen-scans`, `job/other-structures`, and those of segmenting
 */
export async function compareVersions(
  ports: Ports,
  context: JobContext,
  request: JobRequest<'compare-versions'>,
): Promise<VersionComparison> {
  const { name, versions, samples } = request;
  const [first, second] = [await loadModel(ports, name, versions[0]), await loadModel(ports, name, versions[1])];
  const labelsOf = ({ record }: LoadedModel) => record.structures.map(({ label }) => label).join();
  if (labelsOf(first) !== labelsOf(second))
    throw new AppError('job/other-structures', { name, versions: versions.join(' and ') });
  const { cases } = await ports.scans.readDataset(request);
  const { unseen, leftOut } = await unseenCases(ports, context, cases, [first, second]);
  if (unseen.length === 0) throw new AppError('job/no-unseen-scans', { versions: versions.join(' and ') });
  const judged = [
    await judge(ports, context, { model: first, cases: unseen, samples }),
    await judge(ports, context, { model: second, cases: unseen, samples }),
  ] as const;
  const dice = judged.map((one) => one.dice) as [number[], number[]];
  const key = derive(rootKey(0), 'compare-versions');
  const both = <Value>(figure: (one: (typeof judged)[number]) => Value): [Value, Value] => [
    figure(judged[0]),
    figure(judged[1]),
  ];
  return versionComparisonSchema.parse({
    version: 1,
    versions: [...versions],
    cases: unseen.map((one, n) => ({ name: one.name, dice: [dice[0][n]!, dice[1][n]!] })),
    dice: both((one) => bootstrapMean([one.dice], key)),
    difference: bootstrapMean([dice[1].map((value, n) => value - dice[0][n]!)], key),
    ece: both(({ summary }) => summary.ece),
    hd95Mm: both(({ summary }) => mean(summary.structures.map(({ hd95Mm }) => hd95Mm))),
    intervalCoverage: both(({ summary }) => summary.calibratedCoverage ?? summary.intervalCoverage),
    intervalsCalibrated: both(({ summary }) => summary.calibratedCoverage !== undefined),
    leftOut: [...leftOut],
  } satisfies VersionComparison);
}

async function unseenCases(
  ports: Ports,
  context: JobContext,
  cases: readonly LabelledCase[],
  models: readonly LoadedModel[],
) {
  const trained = new Set(
    models.flatMap(({ record }) => scansThatTrained(record).map(({ imageSha256 }) => imageSha256)),
  );
  const unseen: LabelledCase[] = [];
  const leftOut: string[] = [];
  for (const one of cases) {
    await context.breathe('reading scans');
    const { channels } = await readCase(ports, one);
    const imageSha256 = channels.map((channel) => ports.scans.hashVolume(channel)).join('+');
    if (trained.has(imageSha256)) leftOut.push(one.name);
    else unseen.push(one);
  }
  return { unseen, leftOut };
}

interface Judging {
  readonly model: LoadedModel;
  readonly cases: readonly LabelledCase[];
  readonly samples: number;
}

async function judge(ports: Ports, context: JobContext, { model, cases, samples }: Judging) {
  const { record, net, posterior } = model;
  const { structures, plan, borderDeviation, temperature, intervalCalibration } = record;
  const tally = emptyTally(structures);
  const results: CaseResult[] = [];
  for (const [n, one] of cases.entries()) {
    const title = `scan ${n + 1} of ${cases.length} with version ${record.modelVersion}`;
    results.push(
      evaluateCase(
        tally,
        await predictCase(ports, context, {
          raw: await readCase(ports, one),
          net,
          plan,
          posterior,
          borderDeviation,
          temperature,
          intervalCalibration,
          structures,
          samples,
          title,
        }),
      ),
    );
  }
  // a structure that is neither there nor predicted counts 1
  const dice = results.map((one) => one.structures.reduce((sum, { dice }) => sum + (dice ?? 1), 0) / structures.length);
  return { dice, summary: summarise(tally, results) };
}
