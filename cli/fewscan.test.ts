import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { comparisonCellSchema } from '../contract/comparison.ts';
import { evaluationSchema } from '../contract/evaluation.ts';
import { segmentationReportSchema, unlikeFrom } from '../contract/segmentation-report.ts';
import { voxelVolumeMl } from '../main/imaging/geometry/grids.ts';
import { readNiftiComponent } from '../main/storage/files/read-nifti-component.ts';
import { writeMadeScans } from '../tests/made-scans.ts';
import { isSetUp, runFewscan, trainingOf } from '../tests/run-fewscan.ts';
import { temporaryFolder } from '../tests/temporary-folder.ts';

const root = temporaryFolder();
const home = join(root, 'home');
const fewscan = (args: readonly string[], own = home) => runFewscan(args, own);
const scans = writeMadeScans(root, 4);
const unseen = writeMadeScans(join(root, 'unseen'), 2, 50);
const training = (name: string, steps: number) => trainingOf(scans, name, steps);

describe.skipIf(!isSetUp)('the main job', () => {
  test('adapts, segments, evaluates and keeps models, each with one JSON document on stdout', async () => {
    const adapted = await fewscan([...training('balls', 60), '--json']);
    expect(adapted.status, adapted.stderr).toBe(0);
    expect(JSON.parse(adapted.stdout)).toMatchObject({
      model: { name: 'balls', version: 1, method: 'ri' },
      trainedOn: 4,
      steps: 60,
    });
    const out = join(root, 'results');
    const segmented = await fewscan(['segment', unseen.images, '--model', 'balls@1', '--out', out, '--json']);
    expect(segmented.status, segmented.stderr).toBe(0);
    const { scans: done } = JSON.parse(segmented.stdout) as { scans: { name: string }[] };
    expect(done.map(({ name }) => name)).toEqual(['made_050', 'made_051']);
    const files = [
      'expected-entropy',
      'mutual-information',
      'predictive-entropy',
      'probability',
      'segmentation',
      'variance',
    ].map((name) => `${name}.nii.gz`);
    expect(readdirSync(join(out, 'made_050'))).toEqual(
      expect.arrayContaining([...files, 'overview.png', 'report.json']),
    );
    const report = segmentationReportSchema.parse(
      JSON.parse(readFileSync(join(out, 'made_050', 'report.json'), 'utf8')),
    );
    expect(report.unlikeness!.deviations).toBeLessThan(unlikeFrom); // scans of one kind
    const evaluated = await fewscan([
      'evaluate',
      '--predictions',
      out,
      '--labels',
      unseen.labels,
      '--out',
      join(root, 'evaluation.json'),
      '--json',
    ]);
    expect(evaluated.status, evaluated.stderr).toBe(0);
    const { summary } = evaluationSchema.parse(JSON.parse(evaluated.stdout));
    expect(summary.meanDice!).toBeGreaterThan(0.6);
    expect(evaluationSchema.parse(JSON.parse(readFileSync(join(root, 'evaluation.json'), 'utf8'))).summary).toEqual(
      summary,
    );
    const again = await fewscan(['segment', unseen.images, '--model', 'balls', '--out', out]);
    expect(again.status, again.stderr).toBe(0); // an earlier result of ours is replaced
    expect((await fewscan(['models', 'list'])).stdout).toContain('balls@1');
  }, 180_000);

  test('keeps the segmentation of each sample, with the volumes that the report gives', async () => {
    const out = join(root, 'kept');
    const segmented = await fewscan([
      ...['segment', unseen.images, '--model', 'balls', '--out', out, '--samples', '3', '--keep-samples'],
    ]);
    expect(segmented.status, segmented.stderr).toBe(0);
    const report = segmentationReportSchema.parse(
      JSON.parse(readFileSync(join(out, 'made_050', 'report.json'), 'utf8')),
    );
    expect(report).toMatchObject({ samples: report.samplesAsked, samplesKept: true });
    const path = join(out, 'made_050', 'samples.nii.gz');
    for (let sample = 0; sample < report.samples; sample++) {
      const image = await readNiftiComponent(path, sample);
      for (const { label, sampleVolumesMl } of report.structures) {
        const voxels = (image.voxels as Uint8Array).filter((one) => one === label).length;
        expect(voxels * voxelVolumeMl(image)).toBeCloseTo(sampleVolumesMl![sample]!, 4); // these scans lie on the model's grid
      }
    }
    await expect(readNiftiComponent(path, report.samples)).rejects.toMatchObject({ code: 'image/no-such-component' });
  }, 180_000);

  test('forecasts memory within a quarter of what is then measured, and writes nothing', async () => {
    const out = join(root, 'forecast');
    const arguments_ = ['segment', unseen.images, '--model', 'balls', '--out', out, '--json'];
    const forecast = await fewscan([...arguments_, '--forecast']);
    expect(forecast.status, forecast.stderr).toBe(0);
    const { neededBytes, expectedMs } = JSON.parse(forecast.stdout) as { neededBytes: number; expectedMs: number };
    expect(expectedMs).toBeGreaterThan(0);
    expect(existsSync(out)).toBe(false);
    const { scans: done } = JSON.parse((await fewscan(arguments_)).stdout) as {
      scans: { report: { peakMemoryBytes: number } }[];
    };
    const measured = Math.max(...done.map(({ report }) => report.peakMemoryBytes));
    expect(neededBytes / measured).toBeGreaterThan(0.75);
    expect(neededBytes / measured).toBeLessThan(1.25);
  }, 180_000);

  test('compares arms with the shipped prior, keeps finished cells, and draws table and plot', async () => {
    const all = writeMadeScans(join(root, 'compared'), 5);
    const out = join(root, 'comparison');
    const args = [
      'compare',
      '--images',
      all.images,
      '--labels',
      all.labels,
      '--prior',
      'hippocampus-synthetic',
      '--out',
      out,
      '--json',
    ];
    const rest = [
      '--methods',
      'ri,dwp,pr-ensemble,dwp-from-pr,mpvi',
      '--scans',
      '2',
      '--seeds',
      '0',
      '--steps',
      '3',
      '--samples',
      '2',
      '--train-from',
      '1-3',
      '--test-on',
      '4-5',
      '--set',
      'members=2',
      '--set',
      'components=2',
    ];
    const first = await fewscan([...args, ...rest]);
    expect(first.status, first.stderr).toBe(0);
    expect(readdirSync(join(out, 'cells')).sort()).toEqual([
      'dwp-2-scans-seed-0-3-steps.json',
      'dwp-from-pr-2-scans-seed-0-3-steps.json',
      'mpvi-2-scans-seed-0-3-steps.json',
      'pr-ensemble-2-scans-seed-0-3-steps.json',
      'ri-2-scans-seed-0-3-steps.json',
    ]);
    expect(readdirSync(join(out, 'openings')).length).toBe(1);
    await forecastsFullNetwork(args.slice(1, 7), rest.slice(2));
    const second = await fewscan([...args, ...rest]);
    expect(second.stdout).toBe(first.stdout); // nothing was trained anew: even the times are the same
    expect(readFileSync(join(out, 'comparison.svg'), 'utf8')).toContain('<svg');
    expect(readFileSync(join(out, 'comparison.md'), 'utf8')).toContain('| dwp | 2 | 1 |');
    expect((await fewscan(['compare', '--out', out, '--draw', '--json'])).stdout).toBe(first.stdout);
    const overlapping = await fewscan([...args, ...rest.map((word) => (word === '4-5' ? '3-5' : word))]);
    expect([overlapping.status, overlapping.stderr.includes('Test on scans that no arm trains on')]).toEqual([2, true]);
  }, 180_000);

  /** The memory of adapting a full network, as forecast and as a process takes it. */
  async function forecastsFullNetwork(data: readonly string[], settings: readonly string[]): Promise<void> {
    const out = join(root, 'comparison-full');
    const full = ['--set', 'size=full'];
    const compared = await fewscan(['compare', ...data, '--out', out, '--methods', 'dwp', ...settings, ...full]);
    expect(compared.status, compared.stderr).toBe(0);
    const { peakMemoryBytes, trainedOn } = comparisonCellSchema.parse(
      JSON.parse(readFileSync(join(out, 'cells', 'dwp-2-scans-seed-0-3-steps.json'), 'utf8')),
    );
    const adapting = ['adapt', ...data, '--name', 'never', '--cases', trainedOn.join(), '--hold-out', '0', ...full];
    const forecast = await fewscan([...adapting, '--forecast', '--json']);
    expect(forecast.status, forecast.stderr).toBe(0);
    const { neededBytes } = JSON.parse(forecast.stdout) as { neededBytes: number };
    expect(Math.abs(neededBytes / peakMemoryBytes - 1)).toBeLessThan(0.25);
  }

  test('shows itself: the demo writes scans, evaluation and page, and goes on where it was', async () => {
    const out = join(root, 'demo');
    const args = ['demo', '--out', out, '--steps', '2', '--samples', '2', '--json'];
    const first = await fewscan(args);
    expect(first.status, first.stderr).toBe(0);
    const made = JSON.parse(first.stdout) as {
      evaluation: { cases: unknown[] };
      adaptation: { model: { version: number } };
    };
    expect([made.evaluation.cases.length, made.adaptation.model.version]).toEqual([3, 1]);
    expect(readFileSync(join(out, 'index.html'), 'utf8')).toContain('CC BY-SA 4.0');
    const again = JSON.parse((await fewscan(args)).stdout) as typeof made;
    expect(again.adaptation).toEqual(made.adaptation); // not trained anew
    expect(existsSync(join(home, 'models', 'demo'))).toBe(false);
  }, 180_000);

  test('learns a prior of its own: source nets, snapshots, VAEs, and an adaptation with it', async () => {
    const sources = join(root, 'sources');
    const nets = [
      'train-source',
      '--images',
      scans.images,
      '--labels',
      scans.labels,
      '--members',
      '2',
      '--cycles',
      '3',
      '--steps-per-cycle',
      '2',
      '--out',
      sources,
    ];
    for (const member of ['1', '0']) expect((await fewscan([...nets, '--member', member])).status).toBe(0);
    expect(readdirSync(join(sources, 'member-1')).filter((name) => name.endsWith('safetensors'))).toEqual([
      'cycle-0.safetensors',
      'cycle-1.safetensors',
      'cycle-2.safetensors',
    ]);
    expect((await fewscan([...nets, '--member', '2'])).stderr).toContain('members are numbered 0 to 1');
    const learned = await fewscan([
      'learn-prior',
      '--sources',
      sources,
      '--out',
      'balls-prior',
      '--steps',
      '3',
      '--judged',
      '60',
      '--json',
    ]);
    expect(learned.status, learned.stderr).toBe(0);
    const { report, warnings } = JSON.parse(learned.stdout) as {
      report: { groups: unknown[]; heldOutMembers: number[]; beatsGaussian: boolean };
      warnings: string[];
    };
    expect([report.groups.length, report.heldOutMembers]).toEqual([7, [1]]);
    expect(warnings.some((warning) => warning.startsWith('THIS PRIOR IS NO BETTER'))).toBe(!report.beatsGaussian);
    expect(readdirSync(join(home, 'priors', 'balls-prior', 'images')).length).toBe(7);
    const adaptation = ['adapt', '--images', scans.images, '--labels', scans.labels, '--steps', '2'];
    for (const method of ['dwp', 'lowrank']) {
      const own = ['--method', method, '--prior', 'balls-prior', '--name', `own-${method}`];
      const adapted = await fewscan([...adaptation, ...own]);
      expect(adapted.status, adapted.stderr).toBe(0);
    }
    const shipped = ['--method', 'lowrank', '--prior', 'hippocampus-synthetic', '--name', 'none'];
    expect((await fewscan([...adaptation, ...shipped])).stderr).toContain('keeps no snapshots');
    expect((await fewscan(['learn-prior', '--sources', join(root, 'absent'), '--out', 'none'])).stderr).toContain(
      'at least 2 are needed',
    );
  }, 240_000);
});
