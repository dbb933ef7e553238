import { AppError } from '../../contract/errors/app-error.ts';
import { type Evaluation, evaluationSchema } from '../../contract/evaluation.ts';
import type { JobRequest } from '../../contract/jobs.ts';
import { segmentationReportSchema } from '../../contract/segmentation-report.ts';
import { spacingMm, voxelVolumeMl } from '../imaging/geometry/grids.ts';
import { asLabels, refuseDifferentGrids } from '../imaging/preprocessing/checks.ts';
import type { Volume } from '../imaging/volume.ts';
import type { MapName } from '../numerics/inference/posterior-accumulator.ts';
import { type CaseInput, type CaseResult, emptyTally, evaluateCase, type Structure } from './evaluate-case.ts';
import { labelsOn } from './labelled-cases.ts';
import type { JobContext, ScanFile, ScanFiles } from './ports.ts';
import type { ResultFolders } from './result-ports.ts';
import { summarise } from './summarise-evaluation.ts';
import { mapFiles } from './write-segmentation.ts';

/** The part of the ports that this job uses. */
export interface EvaluationPorts {
  readonly scans: Pick<ScanFiles, 'listScans' | 'readVolume'>;
  readonly results: Pick<ResultFolders, 'list' | 'readJson' | 'writeJson'>;
}

/** A prediction found in the folder. */
interface Prediction {
  readonly name: string;
  readonly segmentation: string;
  /** The folder that `segment` wrote, undefined for a plain label image. */
  readonly folder: string | undefined;
}

/**
 * Judges predictions against labels of the same names: what `segment` wrote (`PREDICTIONS/NAME/`), or plain label images, for which
 * everything that needs probabilities is null. One case at a time is in memory.
 * @throws AppError of the evaluation, imaging and storage areas
 */
export async function evaluate(
  ports: EvaluationPorts,
  context: JobContext,
  request: JobRequest<'evaluate'>,
): Promise<Evaluation> {
  const predictions = await findPredictions(ports, request.predictions);
  const labels = new Map((await ports.scans.listScans(request.labels)).map((scan) => [scan.name, scan]));
  const missing = predictions.filter(({ name }) => !labels.has(name));
  if (missing.length > 0)
    throw new AppError('storage/label-missing', { name: missing[0]!.name, folder: request.labels });
  const structures = await structuresOf(ports, predictions, labels);
  const tally = emptyTally(structures);
  const cases: CaseResult[] = [];
  for (const [done, prediction] of predictions.entries()) {
    context.report({ phase: 'evaluating', done, total: predictions.length, unit: 'scans' });
    await context.breathe('evaluating');
    cases.push(
      evaluateCase(tally, await readCase(ports, prediction, { structures, label: labels.get(prediction.name)! })),
    );
  }
  context.report({ phase: 'evaluating', done: predictions.length, total: predictions.length, unit: 'scans' });
  const evaluation = evaluationSchema.parse({
    version: 1,
    cases,
    summary: summarise(tally, cases),
  } satisfies Evaluation);
  if (request.out !== undefined) await ports.results.writeJson(request.out, evaluation);
  return evaluation;
}

async function findPredictions(ports: EvaluationPorts, folder: string): Promise<readonly Prediction[]> {
  const found: Prediction[] = [];
  for (const name of await ports.results.list(folder)) {
    const inside = await listIfFolder(ports, `${folder}/${name}`);
    if (inside.includes('segmentation.nii.gz'))
      found.push({ name, segmentation: `${folder}/${name}/segmentation.nii.gz`, folder: `${folder}/${name}` });
  }
  if (found.length > 0) return found;
  return (await ports.scans.listScans(folder)).map(({ name, path }) => ({
    name,
    segmentation: path,
    folder: undefined,
  }));
}

async function listIfFolder({ results }: EvaluationPorts, path: string): Promise<readonly string[]> {
  try {
    return await results.list(path);
  } catch (cause) {
    if (cause instanceof AppError && cause.code === 'storage/not-a-folder') return [];
    throw cause;
  }
}

/** The structures that the reports name, or every value above 0 of the cases' labels. */
async function structuresOf(
  ports: EvaluationPorts,
  predictions: readonly Prediction[],
  labels: ReadonlyMap<string, ScanFile>,
): Promise<readonly Structure[]> {
  const [first] = predictions;
  const stored = first!.folder === undefined ? undefined : await ports.results.readJson(`${first!.folder}/report.json`);
  const report = segmentationReportSchema.safeParse(stored);
  if (report.success) return report.data.structures.map(({ name, label }) => ({ name, label }));
  const values = new Set<number>();
  for (const { name } of predictions) {
    for (const value of asLabels(await ports.scans.readVolume(labels.get(name)!.path), name).voxels)
      if (value > 0) values.add(value);
  }
  if (values.size === 0) throw new AppError('data/empty-label', { name: first!.name });
  return [...values].sort((a, b) => a - b).map((label) => ({ label, name: `label ${label}` }));
}

async function readCase(
  { scans, results }: EvaluationPorts,
  { name, segmentation, folder }: Prediction,
  { structures, label }: { readonly structures: readonly Structure[]; readonly label: ScanFile },
): Promise<CaseInput> {
  const predicted = asLabels(await scans.readVolume(segmentation), name);
  const truth = labelsOn(predicted, asLabels(await scans.readVolume(label.path), name));
  refuseDifferentGrids(predicted, truth, name);
  const plain = {
    name,
    grid: { size: predicted.size, spacingMm: spacingMm(predicted) },
    truth: truth.voxels,
    predicted: predicted.voxels,
    voxelMl: voxelVolumeMl(truth),
  };
  if (folder === undefined) return plain;
  const files = new Set(await results.list(folder));
  const read = async (file: string): Promise<Volume | undefined> => {
    if (!files.has(file)) return undefined;
    const volume = await scans.readVolume(`${folder}/${file}`);
    refuseDifferentGrids(volume, truth, name);
    return volume;
  };
  const probability = await read('probability.nii.gz');
  if (probability && probability.components !== structures.length + 1) {
    throw new AppError('evaluation/probability-classes', {
      name,
      found: probability.components,
      needed: structures.length + 1,
    });
  }
  const maps: Partial<Record<MapName, Float32Array>> = {};
  for (const [map, file] of mapFiles) {
    const volume = await read(`${file}.nii.gz`);
    if (volume) maps[map] = Float32Array.from(volume.voxels);
  }
  const report = segmentationReportSchema.safeParse(await results.readJson(`${folder}/report.json`));
  return {
    ...plain,
    probability: probability && Float32Array.from(probability.voxels),
    maps,
    sampled: report.success
      ? structures.map(({ label: value }) => report.data.structures.find((one) => one.label === value))
      : undefined,
  };
}
