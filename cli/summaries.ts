import { type SegmentationReport, shownInterval } from '../contract/segmentation-report.ts';
import type { JobResult } from '../main/compute/job-table.ts';
import { textTable } from './table.ts';

function calibrationLine(found: JobResult<'adapt'>['intervalCalibration']): readonly string[] {
  if (found === undefined) return [];
  return [
    found
      ? `Volume intervals are stretched by ${found.factors.map((factor) => factor.toFixed(2)).join(', ')} (by structure), found on ${found.scans} scans, for ${Math.round(100 * found.level)} %.`
      : 'The method that was chosen gives one network: there are no intervals to calibrate.',
  ];
}

function intervalInWords(report: SegmentationReport, structure: SegmentationReport['structures'][number]): string {
  const { low, high, level } = shownInterval(report, structure);
  return level > 0 ? `${low.toFixed(2)} to ${high.toFixed(2)} (${Math.round(100 * level)} %)` : 'one sample';
}

/** What each job's result looks like on a terminal. */
export const summaries = {
  doctor: ({
    backEnds,
    tensorflow,
    cores,
    memory,
    versions,
    home,
    models,
    priors,
    problems,
  }: JobResult<'doctor'>): string =>
    [
      ...backEnds.map(({ name, chosen, reasons, startMs, selfTestMs, compute }) =>
        chosen && compute
          ? `${name}: chosen, ${compute.device}, ${compute.threads} threads, ${compute.precision}, started in ${seconds(startMs)}, self-test passed in ${seconds(selfTestMs ?? 0)}`
          : `${name}: REFUSED, ${reasons.join('; ')}. Run "npm run setup".`,
      ),
      `TensorFlow: ${tensorflow ? `${tensorflow.version} (${tensorflow.variant}), ${tensorflow.libraries}` : 'not set up'}`,
      `Cores: ${cores}. Memory: ${gib(memory.totalBytes)} GiB, ${gib(memory.availableBytes)} GiB free for a job. Node ${versions['node']}, ${versions['platform']}.`,
      `Models and runs: ${home}`,
      `Models: ${models.map(({ name, version, current, shipped }) => `${name}@${version}${current ? ' (current)' : ''}${shipped ? ' (shipped)' : ''}`).join(', ') || 'none'}`,
      `Priors: ${priors.map(({ name, shipped }) => `${name}${shipped ? ' (shipped)' : ''}`).join(', ') || 'none'}`,
      ...problems,
    ].join('\n'),
  synthesize: ({ folder, written, found, maps, structures }: JobResult<'synthesize'>): string =>
    `${written} images written to ${folder}${found > 0 ? ` (${found} were there)` : ''}, from ${structures} structures of ${maps} label maps.`,
  'train-source': ({ folder, members }: JobResult<'train-source'>): string =>
    [
      `Snapshots are in ${folder}.`,
      ...members.map(
        ({ member, cycles, validationDice }) =>
          `net ${member}: ${cycles} cycles, Dice ${validationDice.toFixed(3)} on validation images`,
      ),
    ].join('\n'),
  'learn-prior': ({ name, report, warnings }: JobResult<'learn-prior'>): string =>
    [
      `Prior ${name}: NLL on kernels of held-out nets ${report.nll.vae.toFixed(2)} nats a kernel (Gaussian ${report.nll.gaussian.toFixed(2)}, mixture ${report.nll.mixture.toFixed(2)}, factorised ${report.nll.factorised.toFixed(2)}).`,
      ...warnings,
    ].join('\n'),
  adapt: ({
    model,
    trainedOn,
    heldOut,
    heldOutDice,
    steps,
    elapsedMs,
    methodChoice,
    intervalCalibration,
  }: JobResult<'adapt'>): string =>
    [
      ...(methodChoice
        ? [
            textTable(
              ['method', '>Dice', '>difference', '>standard error'],
              methodChoice.methods.map(({ method, dice, difference, standardError }) => [
                method,
                ...[dice, difference, standardError].map((figure) => figure.toFixed(3)),
              ]),
            ),
            `Chosen by cross-validation on these scans in ${seconds(methodChoice.elapsedMs)}: ${methodChoice.chosen}.`,
          ]
        : []),
      `Model ${model.name}@${model.version} (${model.method}): ${trainedOn} scans, ${steps} steps, ${seconds(elapsedMs)}${heldOutDice === null ? '' : `, Dice ${heldOutDice.toFixed(3)} on ${heldOut} held-out scans`}. It is current now.`,
      ...calibrationLine(intervalCalibration),
    ].join('\n'),
  update: ({
    model,
    trainedOn,
    heldOut,
    heldOutDice,
    heldOutDiceBefore,
    sites,
    choice,
    steps,
    elapsedMs,
  }: JobResult<'update'>): string =>
    `Model ${model.name}@${model.version}: ${trainedOn} scans, ${steps} steps, ${seconds(elapsedMs)}${heldOutDice === null ? '' : `, Dice ${shown(heldOutDice)} on ${heldOut} held-out scans (${shown(heldOutDiceBefore)} before)`}. It knows ${sites.map(({ site, weight }) => `${site} (weight ${weight.toFixed(2)})`).join(', ')} and chooses by ${choice}. It is current now.`,
  consolidate: ({ model, components, trainedOn, steps, elapsedMs }: JobResult<'consolidate'>): string =>
    `Model ${model.name}@${model.version}: ${components} sites in one posterior, from ${trainedOn} scans, ${steps} steps, ${seconds(elapsedMs)}. It is current now.`,
  forecast: ({ neededBytes, availableBytes, expectedMs, patch }: JobResult<'forecast'>): string =>
    `About ${gib(neededBytes)} GiB of memory (${gib(availableBytes)} GiB may be used) and ${seconds(expectedMs)}, in patches of ${patch.join(' x ')}.`,
  segment: ({ scans }: JobResult<'segment'>): string =>
    [
      textTable(
        ['scan', 'structure', '>volume ml', 'interval', '>sample Dice', '>review score'],
        scans.flatMap(({ name, report }) =>
          report.structures.map((structure) => [
            name,
            structure.name,
            structure.volumeMl.median.toFixed(2),
            intervalInWords(report, structure),
            structure.sampleDice.toFixed(3),
            report.reviewScore.toFixed(3),
          ]),
        ),
      ),
      ...scans.flatMap(({ name, report }) => report.warnings.map((warning) => `${name}: ${warning}`)),
    ].join('\n'),
  evaluate: ({ summary }: JobResult<'evaluate'>): string =>
    [
      textTable(
        ['structure', '>Dice', '>IoU', '>HD95 mm', '>ASSD mm', '>ECE', '>volume error ml', '>interval holds'],
        summary.structures.map((one) => [
          one.name,
          shown(one.dice),
          shown(one.iou),
          shown(one.hd95Mm, 2),
          shown(one.assdMm, 2),
          shown(one.ece),
          shown(one.volumeErrorMl),
          shown(one.intervalCoverage, 2),
        ]),
      ),
      `Mean Dice ${shown(summary.meanDice)}. Within 5 mm: ECE ${shown(summary.ece)}, ACE ${shown(summary.ace)}, NLL ${shown(summary.nll)}, AUROC of entropy for wrong voxels ${shown(summary.auroc.predictiveEntropy)}.`,
      ...(summary.calibratedCoverage === undefined
        ? []
        : [`Calibrated volume intervals hold the truth in ${shown(summary.calibratedCoverage, 2)} of the cases.`]),
    ].join('\n'),
  compare: ({ otherBudgets, ...first }: JobResult<'compare'>): string =>
    [first, ...otherBudgets]
      .map(({ budget, summary }) =>
        [
          budget,
          textTable(
            ['arm', '>scans', '>draws', '>Dice', '95 % interval'],
            Object.entries(summary).flatMap(([arm, counts]) =>
              Object.entries(counts).map(([scans, row]) => [
                arm,
                scans,
                String(row.draws),
                row.mean.toFixed(4),
                `${row.low.toFixed(4)} to ${row.high.toFixed(4)}`,
              ]),
            ),
          ),
        ].join('\n'),
      )
      .join('\n\n'),
  reproduce: ({ experiment, measure, summary, further, quick }: JobResult<'reproduce'>): string =>
    Object.entries({ [measure]: summary, ...further })
      .map(([name, table]) => {
        const counts = [...new Set(Object.values(table).flatMap((row) => Object.keys(row)))].sort(
          (a, b) => Number(a) - Number(b),
        );
        return [
          `${experiment}: ${name}${quick ? ' (quick form: says nothing)' : ''}`,
          textTable(
            ['method', ...counts.map((count) => `>${count}`)],
            Object.entries(table).map(([method, row]) => [
              method,
              ...counts.map((n) => shown(row[n]?.mean ?? null, 2)),
            ]),
          ),
        ].join('\n');
      })
      .join('\n\n'),
  import: ({ studies, otherFiles, damagedFiles, written }: JobResult<'import'>): string => {
    if (written) return [`${written.file} and ${written.sideCar}`, ...written.warnings].join('\n');
    const lines = studies.flatMap(({ studyInstanceUid, patient, description, date, series }) => [
      `Study ${[date, description, patient.name, patient.id].filter((text) => text !== '').join(', ') || studyInstanceUid}`,
      textTable(
        ['series', 'what', 'description', 'volume', 'series instance UID'],
        series.map((one) => [
          `${one.number ?? ''}${one.parts > 1 ? ` (part ${one.part} of ${one.parts})` : ''}`,
          one.kind,
          one.description,
          one.volume
            ? `${one.volume.size.join(' x ')} of ${one.volume.spacingMm.map((mm) => Number(mm.toFixed(3))).join(' x ')} mm`
            : (one.refusal?.message ?? ''),
          one.seriesInstanceUid,
        ]),
      ),
      '',
    ]);
    const damaged = damagedFiles.map(({ message }) => message);
    return [...lines, ...damaged, `${otherFiles} file(s) are no DICOM.`].join('\n');
  },
  demo: ({ page, adaptation, evaluation, elapsedMs }: JobResult<'demo'>): string =>
    [
      textTable(
        ['scan', 'structure', '>volume ml', '>true ml', 'interval holds', '>Dice', '>HD95 mm'],
        evaluation.cases.flatMap(({ name, structures }) =>
          structures.map((one) => [
            name,
            one.name,
            one.volumeMl.toFixed(2),
            one.trueVolumeMl.toFixed(2),
            one.intervalHoldsTruth ? 'yes' : 'no',
            shown(one.dice),
            shown(one.hd95Mm, 2),
          ]),
        ),
      ),
      `Adapted in ${seconds(adaptation.elapsedMs)} (${adaptation.steps} steps on ${adaptation.trainedOn} scans), mean Dice ${shown(evaluation.summary.meanDice)}; all in ${seconds(elapsedMs)}.`,
      `Open ${page}`,
    ].join('\n'),
} as const;

const seconds = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(milliseconds < 10_000 ? 1 : 0)} s`;
const gib = (bytes: number): string => (bytes / 2 ** 30).toFixed(1);
const shown = (value: number | null, digits = 3): string => (value === null ? '-' : value.toFixed(digits));
