import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { evaluationSchema } from '../contract/evaluation.ts';
import { segmentationReportSchema } from '../contract/segmentation-report.ts';
import { encodeNifti } from '../main/imaging/nifti/encode.ts';
import { locateTensorflow } from '../native/locate-tensorflow.ts';
import { madeScan, writeMadeScans } from '../tests/made-scans.ts';
import { temporaryFolder } from '../tests/temporary-folder.ts';

const entry = fileURLToPath(new URL('../dist/cli/fewscan.js', import.meta.url));
const root = temporaryFolder();
const home = join(root, 'home');
const scans = writeMadeScans(root, 4);
const unseen = writeMadeScans(join(root, 'unseen'), 2, 50);
const environment = (own: string) => ({
  ...process.env,
  FEWSCAN_HOME: own,
  FEWSCAN_CHECKPOINT_SECONDS: '0.2',
  TF_NUM_INTRAOP_THREADS: '1',
});
const fewscan = (args: readonly string[], own = home) =>
  spawnSync(process.execPath, [entry, ...args], { encoding: 'utf8', env: environment(own) });
const training = (name: string, steps: number) => [
  'adapt',
  '--images',
  scans.images,
  '--labels',
  scans.labels,
  '--method',
  'ri',
  '--name',
  name,
  '--steps',
  String(steps),
  '--hold-out',
  '0',
];
const isSetUp = existsSync(entry) && locateTensorflow() !== undefined;

describe('wrong usage and bad input', () => {
  test('help and version end with 0; unknown words, missing options and bad values with 2 and a hint', () => {
    expect(fewscan(['--version']).status).toBe(0);
    const help = fewscan(['adapt', '--help']);
    expect([help.status, help.stdout.includes('Examples:')]).toEqual([0, true]);
    for (const args of [
      ['frobnicate'],
      ['segment'],
      ['adapt', '--steps', 'many'],
      ['segment', 'x', '--model', '../up', '--out', 'y'],
      ['synthesize', '--crop', '4x4'],
    ]) {
      const { status, stderr } = fewscan(args);
      expect(status, args.join(' ')).toBe(2);
      expect(stderr).toContain('--help');
    }
  });

  test('models that are not there are said to be so, as JSON too', () => {
    const { status, stdout, stderr } = fewscan(['models', 'show', 'absent', '--json']);
    expect(status).toBe(2);
    expect(stderr).toContain('There is no model absent');
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'storage/no-such-model' } });
  });
});

describe.skipIf(!isSetUp)('the main job', () => {
  test('adapts, segments, evaluates and keeps models, each with one JSON document on stdout', () => {
    const adapted = fewscan([...training('balls', 60), '--json']);
    expect(adapted.status, adapted.stderr).toBe(0);
    expect(JSON.parse(adapted.stdout)).toMatchObject({
      model: { name: 'balls', version: 1, method: 'ri' },
      trainedOn: 4,
      steps: 60,
    });
    const out = join(root, 'results');
    const segmented = fewscan(['segment', unseen.images, '--model', 'balls@1', '--out', out, '--json']);
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
    segmentationReportSchema.parse(JSON.parse(readFileSync(join(out, 'made_050', 'report.json'), 'utf8')));
    const evaluated = fewscan([
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
    const again = fewscan(['segment', unseen.images, '--model', 'balls', '--out', out]);
    expect(again.status, again.stderr).toBe(0); // an earlier result of ours is replaced
    expect(fewscan(['models', 'list']).stdout).toContain('balls@1');
  }, 180_000);

  test('compares arms with the shipped prior, keeps finished cells, and draws table and plot', () => {
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
      'ri,dwp',
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
    ];
    const first = fewscan([...args, ...rest]);
    expect(first.status, first.stderr).toBe(0);
    expect(readdirSync(join(out, 'cells')).sort()).toEqual([
      'dwp-2-scans-seed-0-3-steps.json',
      'ri-2-scans-seed-0-3-steps.json',
    ]);
    const second = fewscan([...args, ...rest]);
    expect(second.stdout).toBe(first.stdout); // nothing was trained anew: even the times are the same
    expect(readFileSync(join(out, 'comparison.svg'), 'utf8')).toContain('<svg');
    expect(readFileSync(join(out, 'comparison.md'), 'utf8')).toContain('| dwp | 2 | 1 |');
    expect(fewscan(['compare', '--out', out, '--draw', '--json']).stdout).toBe(first.stdout);
    const overlapping = fewscan([...args, ...rest.slice(0, -1), '3-5']);
    expect([overlapping.status, overlapping.stderr.includes('Test on scans that no arm trains on')]).toEqual([2, true]);
  }, 180_000);

  test('shows itself: the demo writes scans, evaluation and page, and goes on where it was', () => {
    const out = join(root, 'demo');
    const args = ['demo', '--out', out, '--steps', '2', '--samples', '2', '--json'];
    const first = fewscan(args);
    expect(first.status, first.stderr).toBe(0);
    const made = JSON.parse(first.stdout) as {
      evaluation: { cases: unknown[] };
      adaptation: { model: { version: number } };
    };
    expect([made.evaluation.cases.length, made.adaptation.model.version]).toEqual([3, 1]);
    expect(readFileSync(join(out, 'index.html'), 'utf8')).toContain('CC BY-SA 4.0');
    const again = JSON.parse(fewscan(args).stdout) as typeof made;
    expect(again.adaptation).toEqual(made.adaptation); // not trained anew
    expect(existsSync(join(home, 'models', 'demo'))).toBe(false);
  }, 180_000);

  test('learns a prior of its own: source nets, snapshots, VAEs, and an adaptation with it', () => {
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
      '2',
      '--steps-per-cycle',
      '2',
      '--out',
      sources,
    ];
    for (const member of ['1', '0']) expect(fewscan([...nets, '--member', member]).status).toBe(0);
    expect(readdirSync(join(sources, 'member-1')).filter((name) => name.endsWith('safetensors'))).toEqual([
      'cycle-0.safetensors',
      'cycle-1.safetensors',
    ]);
    expect(fewscan([...nets, '--member', '2']).stderr).toContain('members are numbered 0 to 1');
    const learned = fewscan(['learn-prior', '--sources', sources, '--out', 'balls-prior', '--steps', '3', '--json']);
    expect(learned.status, learned.stderr).toBe(0);
    const { report, warnings } = JSON.parse(learned.stdout) as {
      report: { groups: unknown[]; heldOutMembers: number[]; beatsGaussian: boolean };
      warnings: string[];
    };
    expect([report.groups.length, report.heldOutMembers]).toEqual([7, [1]]);
    expect(warnings.some((warning) => warning.startsWith('THIS PRIOR IS NO BETTER'))).toBe(!report.beatsGaussian);
    expect(readdirSync(join(home, 'priors', 'balls-prior', 'images')).length).toBe(7);
    const adapted = fewscan([
      'adapt',
      '--images',
      scans.images,
      '--labels',
      scans.labels,
      '--prior',
      'balls-prior',
      '--name',
      'with-prior',
      '--steps',
      '2',
    ]);
    expect(adapted.status, adapted.stderr).toBe(0);
    expect(fewscan(['learn-prior', '--sources', join(root, 'absent'), '--out', 'none']).stderr).toContain(
      'at least 2 are needed',
    );
  }, 240_000);

  test('killed at a random step and run again it ends in the same bytes as one never interrupted', async () => {
    const weights = (own: string) =>
      createHash('sha256')
        .update(readFileSync(join(own, 'models/same/1/weights.safetensors')))
        .digest('hex');
    const [whole, broken] = [join(root, 'whole'), join(root, 'broken')];
    expect(fewscan(training('same', 60), whole).status).toBe(0);
    const child = spawn(process.execPath, [entry, ...training('same', 60)], {
      env: environment(broken),
      detached: true,
      stdio: 'ignore',
    });
    await until(() => checkpoints(broken).length > 0);
    await pause(400 * Math.random());
    process.kill(-child.pid!, 'SIGKILL');
    await until(() => child.signalCode !== null || child.exitCode !== null);
    expect(existsSync(join(broken, 'models/same/1'))).toBe(false);
    expect(checkpoints(broken).length).toBe(1);
    expect(fewscan(training('same', 60), broken).status).toBe(0);
    expect(weights(broken)).toBe(weights(whole));
    expect(checkpoints(broken).length).toBe(0);
  }, 180_000);

  test('Ctrl-C ends it within a second or so with 130', async () => {
    const child = spawn(process.execPath, [entry, ...training('stopped', 100_000)], {
      env: environment(home),
      stdio: 'ignore',
    });
    await until(() => checkpoints(home).length > 0);
    const startedMs = performance.now();
    child.kill('SIGINT');
    expect(await exitOf(child)).toBe(130);
    expect(performance.now() - startedMs).toBeLessThan(3000); // 1 s on an idle machine; tests share it
  }, 120_000);

  test('a computing child that is killed is a named failure that can be resumed', async () => {
    const own = join(root, 'killed');
    const child = spawn(process.execPath, [entry, ...training('killed', 100_000)], {
      env: environment(own),
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    child.stderr!.on('data', (chunk: Buffer) => (said += chunk.toString()));
    await until(() => checkpoints(own).length > 0);
    spawnSync('pkill', ['-KILL', '-P', String(child.pid)]);
    expect(await exitOf(child)).toBe(2);
    expect(said).toContain('ended unexpectedly (signal SIGKILL)');
    expect(checkpoints(own).length).toBe(1);
  }, 120_000);

  test('bad scans end with 2 and a sentence that names them; nothing is published', () => {
    const bad = (
      name: string,
      change: (folder: { images: string; labels: string }) => void,
    ): readonly [string, string, number | null] => {
      const folder = writeMadeScans(join(root, name), 3);
      change(folder);
      const { status, stderr } = fewscan([
        'adapt',
        '--images',
        folder.images,
        '--labels',
        folder.labels,
        '--method',
        'ri',
        '--name',
        'bad',
        '--steps',
        '2',
      ]);
      return [name, stderr, status];
    };
    const { image, labels } = madeScan(0);
    const put = (path: string, volume: typeof image) => writeFileSync(path, encodeNifti(volume, { gzip: true }));
    const one = 'made_001.nii.gz';
    const cases: readonly (readonly [ReturnType<typeof bad>, string])[] = [
      [
        bad('truncated', ({ images }) =>
          writeFileSync(join(images, one), readFileSync(join(images, one)).subarray(0, 900)),
        ),
        'made_001',
      ],
      [bad('empty', ({ images }) => writeFileSync(join(images, one), '')), 'the file is empty'],
      [
        bad('magic', ({ images }) =>
          writeFileSync(join(images, one), 'this is no scan, but it is long enough to look like a header might'),
        ),
        'neither NIfTI',
      ],
      [
        bad('nan', ({ images }) =>
          put(join(images, one), {
            ...image,
            voxels: (image.voxels as Float32Array).map((x, n) => (n === 7 ? Number.NaN : x)),
          }),
        ),
        'NaN or infinite',
      ],
      [
        bad('fractions', ({ labels: at }) =>
          put(join(at, one), { ...image, voxels: Float32Array.from(labels.voxels, (x) => x / 2) }),
        ),
        'whole numbers',
      ],
      [bad('grid', ({ labels: at }) => put(join(at, one), { ...labels, size: [16, 8, 32] })), 'different grids'],
      [
        bad('shifted', ({ labels: at }) =>
          put(join(at, one), {
            ...labels,
            affineRasMm: [
              [1, 0, 0, 0],
              [0, 1, 0, -8],
              [0, 0, 1, -8],
            ],
          }),
        ),
        'apart',
      ],
      [
        bad('label-sets', ({ labels: at }) =>
          put(join(at, one), { ...labels, voxels: Uint8Array.from(labels.voxels, (x) => (x === 2 ? 1 : x)) }),
        ),
        'same structures',
      ],
      [
        bad('background', ({ labels: at }) =>
          put(join(at, one), { ...labels, voxels: new Uint8Array(labels.voxels.length) }),
        ),
        'all background',
      ],
      [
        bad('constant', ({ images }) =>
          put(join(images, one), { ...image, voxels: new Float32Array(image.voxels.length) }),
        ),
        'one value',
      ],
    ];
    for (const [[name, stderr, status], words] of cases) {
      expect(stderr, name).toContain(words);
      expect(status, name).toBe(2);
    }
    const single = writeMadeScans(join(root, 'single'), 1);
    expect(
      fewscan(['adapt', '--images', single.images, '--labels', single.labels, '--method', 'ri', '--name', 'bad'])
        .stderr,
    ).toContain('at least 2 are needed');
    expect(existsSync(join(home, 'models', 'bad'))).toBe(false);
  }, 240_000);

  test('an output folder that is not ours and a scan of another field of view are refused before anything is written', () => {
    const theirs = join(root, 'theirs', 'made_050');
    mkdirSync(theirs, { recursive: true });
    writeFileSync(join(theirs, 'thesis.txt'), 'x');
    const { status, stderr } = fewscan(['segment', unseen.images, '--model', 'balls', '--out', join(root, 'theirs')]);
    expect([status, stderr.includes('did not write')]).toEqual([2, true]);
    const { image } = madeScan(0);
    const whole = join(root, 'whole-head.nii.gz');
    writeFileSync(
      whole,
      encodeNifti(
        {
          ...image,
          affineRasMm: [
            [4, 0, 0, 0],
            [0, 4, 0, 0],
            [0, 0, 4, 0],
          ],
        },
        { gzip: true },
      ),
    );
    const refused = fewscan(['segment', whole, '--model', 'balls', '--out', join(root, 'far')]);
    expect([refused.status, refused.stderr.includes('--box')]).toEqual([2, true]);
    expect(readdirSync(join(root, 'far'))).toEqual([]);
  }, 120_000);
});

const checkpoints = (own: string): string[] => {
  const runs = join(own, 'runs');
  return existsSync(runs)
    ? readdirSync(runs).filter((key) => existsSync(join(runs, key, 'checkpoint.safetensors')))
    : [];
};
async function until(condition: () => boolean): Promise<void> {
  for (let waited = 0; !condition(); waited += 50) {
    if (waited > 60_000) throw new Error('waited in vain');
    await pause(50);
  }
}
const exitOf = (child: ChildProcess): Promise<number | null> =>
  new Promise((resolve) => child.on('exit', (code) => resolve(code)));
