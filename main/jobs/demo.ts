import type { Evaluation } from '../../contract/evaluation.ts';
import { type JobRequest, jobRequests } from '../../contract/jobs.ts';
import { segmentationReportSchema } from '../../contract/segmentation-report.ts';
import type { MapName } from '../numerics/inference/posterior-accumulator.ts';
import { type AdaptResult, adapt } from './adapt.ts';
import { evaluate } from './evaluate.ts';
import type { JobContext, Ports, ScanFile } from './ports.ts';
import type { DemoScan } from './result-ports.ts';
import { segment } from './segment.ts';
import { mapFiles } from './write-segmentation.ts';

export interface DemoResult {
  readonly page: string;
  readonly adaptation: AdaptResult;
  readonly evaluation: Evaluation;
  readonly elapsedMs: number;
}

const modelName = 'demo';
const stateFile = 'demo.json';
const attribution =
  'Scans and labels: Medical Segmentation Decathlon, Task 04 (Hippocampus), Simpson et al. 2019 and Antonelli et al. 2022, CC BY-SA 4.0. See the licence beside the scans.';

/**
 * The whole job on shipped data: adapts a prior to labelled scans with DWP, segments unseen ones, judges them against labels that
 * were held back, and writes a page. Interrupted, the next run goes on: the training from its checkpoint, finished scans as they are.
 */
export async function demo(ports: Ports, context: JobContext, request: JobRequest<'demo'>): Promise<DemoResult> {
  const startedMs = ports.machine.nowMs();
  const adaptation = await adaptOnce(ports, context, request);
  const scans = await ports.scans.listScans(request.unseenImages);
  const waiting: ScanFile[] = [];
  for (const scan of scans) if (!(await isSegmented(ports, scan, adaptation, request))) waiting.push(scan);
  if (waiting.length > 0) {
    const inputs = waiting.map(({ path }) => path);
    const { samples, seed, out } = request;
    await segment(
      ports,
      context,
      jobRequests.segment.parse({
        kind: 'segment',
        inputs,
        model: modelName,
        modelVersion: adaptation.model.version,
        out,
        samples,
        seed,
      }),
    );
  }
  const evaluation = await evaluate(ports, context, {
    kind: 'evaluate',
    predictions: request.out,
    labels: request.unseenLabels,
    out: `${request.out}/evaluation.json`,
  });
  const shown: DemoScan[] = [];
  for (const scan of scans) shown.push(await readScan(ports, scan, { request, evaluation }));
  const { backend, device, threads } = adaptation.compute;
  const page = `${request.out}/index.html`;
  await ports.results.writeDemoPage(page, {
    model: adaptation.model,
    prior: request.prior,
    trainedOn: adaptation.trainedOn,
    steps: adaptation.steps,
    adaptedMs: adaptation.elapsedMs,
    samples: request.samples,
    seed: request.seed,
    compute: `${threads} ${device.toUpperCase()} thread${threads === 1 ? '' : 's'} (${backend})`,
    curves: adaptation.curves,
    scans: shown,
    attribution,
  });
  return { page, adaptation, evaluation, elapsedMs: ports.machine.nowMs() - startedMs };
}

/** The adaptation of an earlier run with the same request and model, or a new one. */
async function adaptOnce(
  ports: Ports,
  context: JobContext,
  { out, images, labels, prior, minutes, steps, seed }: JobRequest<'demo'>,
): Promise<AdaptResult> {
  const request = jobRequests.adapt.parse({
    kind: 'adapt',
    images,
    labels,
    prior,
    method: 'dwp',
    name: modelName,
    ...(steps === undefined ? { minutes } : { steps }),
    seed,
    holdOut: 0,
  });
  const key = ports.runs.keyOf({ request, prior: (await ports.priors.load(prior)).sha256 });
  const state = (await ports.results.readJson(`${out}/${stateFile}`)) as
    | { readonly key: string; readonly adaptation: AdaptResult }
    | undefined; // as written below
  const models = await ports.models.list();
  if (
    state?.key === key &&
    models.some(({ record }) => record.name === modelName && record.modelVersion === state.adaptation.model.version)
  )
    return state.adaptation;
  const adaptation = await adapt(ports, context, request);
  await ports.results.writeJson(`${out}/${stateFile}`, { key, adaptation });
  return adaptation;
}

async function isSegmented(
  { results }: Ports,
  { name }: ScanFile,
  { model }: AdaptResult,
  { out, samples, seed }: JobRequest<'demo'>,
): Promise<boolean> {
  const report = segmentationReportSchema.safeParse(await results.readJson(`${out}/${name}/report.json`));
  return (
    report.success &&
    report.data.model.version === model.version &&
    report.data.samples === samples &&
    report.data.seed === seed
  );
}

async function readScan(
  { scans, results }: Ports,
  { name, path }: ScanFile,
  { request, evaluation }: { readonly request: JobRequest<'demo'>; readonly evaluation: Evaluation },
): Promise<DemoScan> {
  const folder = `${request.out}/${name}`;
  const report = segmentationReportSchema.parse(await results.readJson(`${folder}/report.json`));
  const probability = await scans.readVolume(`${folder}/probability.nii.gz`);
  const count = probability.voxels.length / probability.components;
  const label = (await scans.listScans(request.unseenLabels)).find((one) => one.name === name)!; // evaluate has found it
  const truth = await scans.readVolume(label.path);
  const maps: Partial<Record<MapName, Float32Array>> = {};
  for (const [map, file] of mapFiles)
    maps[map] = Float32Array.from((await scans.readVolume(`${folder}/${file}.nii.gz`)).voxels);
  return {
    name,
    image: await scans.readVolume(path),
    structures: report.structures.map((structure, place) => ({
      name: structure.name,
      label: structure.label,
      probability: Float32Array.from(probability.voxels.subarray((place + 1) * count, (place + 2) * count)),
    })),
    truth: report.structures.map((structure) =>
      Float32Array.from(truth.voxels, (value) => (value === structure.label ? 1 : 0)),
    ),
    maps: maps as DemoScan['maps'], // mapFiles names all four
    report,
    evaluation: evaluation.cases.find((one) => one.name === name)!, // one case a scan
  };
}
