import { AppError } from '../../contract/errors/app-error.ts';
import type { JobRequest } from '../../contract/jobs.ts';
import { type SegmentationReport, segmentationReportSchema } from '../../contract/segmentation-report.ts';
import { groupChannels } from './group-channels.ts';
import { openInterimResults } from './interim-results.ts';
import { type LoadedModel, loadModel } from './load-model.ts';
import type { JobContext, Ports, ScanFile } from './ports.ts';
import { type SegmentedScan, segmentScan } from './segment-scan.ts';
import { writeSegmentation } from './write-segmentation.ts';

export interface SegmentResult {
  readonly scans: readonly { readonly name: string; readonly folder: string; readonly report: SegmentationReport }[];
}

/** Segments scans one by one; each folder `out/NAME` appears when it is whole. */
export async function segment(
  ports: Ports,
  context: JobContext,
  request: JobRequest<'segment'>,
): Promise<SegmentResult> {
  const model = await loadModel(ports, request.model, request.modelVersion);
  const inputs = await ports.scans.bundle(request.inputs);
  const files = (await Promise.all(inputs.map((input) => ports.scans.listScans(input)))).flat();
  const scans = groupChannels(files, model.record.channels.length);
  refuseEqualNames(scans.map(({ name }) => name));
  const done: { name: string; folder: string; report: SegmentationReport }[] = [];
  for (const [place, scan] of scans.entries()) {
    const folder = `${request.out}/${scan.name}`;
    const report = await segmentInto(ports, context, {
      model,
      request,
      scan,
      folder,
      title: `scan ${place + 1} of ${scans.length}`,
    });
    done.push({ name: scan.name, folder, report });
  }
  return { scans: done };
}

interface ScanTask {
  readonly model: LoadedModel;
  readonly request: JobRequest<'segment'>;
  readonly scan: { readonly name: string; readonly channels: readonly ScanFile[] };
  readonly folder: string;
  readonly title: string;
}

async function segmentInto(
  ports: Ports,
  context: JobContext,
  { model, request, scan, folder, title }: ScanTask,
): Promise<SegmentationReport> {
  const { machine } = ports;
  await (await ports.results.draft(folder)).discard(); // a foreign folder is refused before hours are spent
  const startedMs = machine.nowMs();
  const volumes = await Promise.all(scan.channels.map(({ path }) => ports.scans.readVolume(path)));
  await ports.audit.record('scan/segment', {
    name: model.record.name,
    modelVersion: model.record.modelVersion,
    imageSha256: volumes.map(ports.scans.hashVolume).join(' '),
  });
  const write = async (result: SegmentedScan): Promise<SegmentationReport> => {
    const draft = await ports.results.draft(folder);
    try {
      const report = await writeSegmentation(draft, { name: scan.name, result, model, request, machine, startedMs });
      await draft.publish();
      return report;
    } catch (cause) {
      await draft.discard();
      throw cause;
    }
  };
  const input = { name: scan.name, volumes, model, request, title };
  if (!request.interim) return write(await segmentScan(ports, context, input));
  const interim = openInterimResults({
    nowMs: machine.nowMs,
    write,
    there: await samplesThere(ports, folder),
    onWritten: (samples) =>
      context.report({
        phase: `segmenting ${title}`,
        done: samples,
        total: request.samples,
        unit: 'samples',
        shown: samples,
      }),
  });
  try {
    return await write(await segmentScan(ports, context, { ...input, onSample: interim.offer }));
  } catch (cause) {
    if (cause instanceof AppError && cause.code === 'job/cancelled') await interim.keepLast();
    throw cause;
  }
}

/** Samples of the result that an earlier, interrupted run left. */
async function samplesThere(ports: Ports, folder: string): Promise<number> {
  const report = segmentationReportSchema.safeParse(await ports.results.readJson(`${folder}/report.json`));
  return report.success ? report.data.samples : 0;
}

/** @throws AppError `job/equal-names`: the later result would take the earlier one's place */
function refuseEqualNames(names: readonly string[]): void {
  const twice = names.find((name, n) => names.indexOf(name) !== n);
  if (twice !== undefined) throw new AppError('job/equal-names', { name: twice });
}
