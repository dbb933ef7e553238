import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { PNG } from 'pngjs';
import { describe, expect, test } from 'vitest';
import { type Reproduction, reproductionSchema } from '../contract/reproduction.ts';
import { writeMadeDigits } from '../tests/made-digits.ts';
import { entry, environment, isSetUp, runFewscan } from '../tests/run-fewscan.ts';
import { temporaryFolder } from '../tests/temporary-folder.ts';

const root = temporaryFolder();
const images = writeMadeDigits(join(root, 'digits'), { train: 2400, test: 400 });
const boovae = (out: string, rest: readonly string[] = []) => [
  'reproduce',
  'boovae',
  '--images',
  images,
  '--tasks',
  '5',
  '--out',
  join(root, out),
  '--quick',
  '--json',
  ...rest,
];
const stable = ({ runs, ...rest }: Reproduction) => ({
  ...rest,
  runs: runs.map(({ rows, method }) => ({
    method,
    rows: rows.map(({ trainingMs: _training, evaluationMs: _evaluation, ...row }) => row),
  })),
});

describe.skipIf(!isSetUp)('reproduce boovae', () => {
  test('ends in its quick form within a minute with JSON, table, plot and pictures, and redraws them', async () => {
    const startedMs = performance.now();
    const { status, stdout, stderr } = await runFewscan(boovae('quick'), join(root, 'home'));
    expect(status, stderr).toBe(0);
    expect(performance.now() - startedMs).toBeLessThan(60_000);
    const written = reproductionSchema.parse(JSON.parse(stdout));
    expect(written.quick).toBe(true);
    const methods = ['standard', 'ewc', 'mog', 'boo', 'boo+ewc'];
    expect(Object.keys(written.summary)).toEqual(methods);
    for (const method of methods) {
      expect(Object.keys(written.summary[method]!)).toEqual(['1', '2', '3', '4', '5']);
      for (const { mean, seeds } of Object.values(written.summary[method]!)) {
        expect(mean).toBeGreaterThan(0);
        expect(seeds).toBe(1);
      }
    }
    const [out, name] = [join(root, 'quick'), 'boovae-mnist-5-tasks-quick'];
    expect(JSON.parse(readFileSync(join(out, `${name}.json`), 'utf8'))).toEqual(JSON.parse(stdout));
    const picture = PNG.sync.read(readFileSync(join(out, name, 'boo-seed-0.png')));
    expect([picture.width, picture.height]).toEqual([280, 280]);
    expect(new Set(picture.data).size).toBeGreaterThan(20);
    const [table, plot] = [`${name}.md`, `${name}.svg`].map((file) => readFileSync(join(out, file), 'utf8'));
    expect(table).toContain('say nothing');
    expect(plot).toContain('<svg');
    for (const file of [`${name}.md`, `${name}.svg`]) rmSync(join(out, file));
    const drawn = await runFewscan(boovae('quick', ['--draw']), join(root, 'home'));
    expect(drawn.stdout).toBe(stdout);
    expect(readFileSync(join(out, `${name}.md`), 'utf8')).toBe(table);
    expect(readFileSync(join(out, `${name}.svg`), 'utf8')).toBe(plot);
  }, 120_000);

  test('goes on after its last task when it was killed, to the same figures', async () => {
    const args = ['--methods', 'boo+ewc'];
    const folder = join(root, 'killed', 'boovae-mnist-5-tasks-quick');
    await killedWhen(boovae('killed', args), () => existsSync(folder) && readdirSync(folder).length > 0);
    const rest = await runFewscan(boovae('killed', args), join(root, 'killed-home'));
    const whole = await runFewscan(boovae('whole', args), join(root, 'whole-home'));
    expect(rest.status, rest.stderr).toBe(0);
    const [resumed, straight] = [rest, whole].map(({ stdout }) => reproductionSchema.parse(JSON.parse(stdout)));
    expect(stable(resumed!)).toEqual(stable(straight!));
    rmSync(folder, { recursive: true }); // rows lost, and the model of a later task still there
    await killedWhen(boovae('killed', args), () => rowsIn(join(folder, 'boo+ewc-seed-0.json')) === 2);
    rmSync(folder, { recursive: true });
    const again = await runFewscan(boovae('killed', args), join(root, 'killed-home'));
    expect(stable(reproductionSchema.parse(JSON.parse(again.stdout)))).toEqual(stable(straight!));
  }, 180_000);

  test('offline ends in its quick form with a row for each number of components, and makes none twice', async () => {
    const args = [
      'reproduce',
      'boovae-offline',
      '--images',
      images,
      '--quick',
      '--json',
      '--out',
      join(root, 'offline'),
    ];
    const startedMs = performance.now();
    const { status, stdout, stderr } = await runFewscan(args, join(root, 'home'));
    expect(status, stderr).toBe(0);
    expect(performance.now() - startedMs).toBeLessThan(60_000);
    const written = reproductionSchema.parse(JSON.parse(stdout));
    for (const method of ['vamp', 'boo']) expect(Object.keys(written.summary[method]!)).toEqual(['2', '3']);
    expect(written.runs.every(({ finished }) => finished)).toBe(true);
    expect((await runFewscan(args, join(root, 'home'))).stdout).toBe(stdout); // even the times are the same
    const more = await runFewscan([...args, '--components', '2,3,4', '--methods', 'vamp'], join(root, 'home'));
    const { summary } = reproductionSchema.parse(JSON.parse(more.stdout));
    expect(summary['vamp']).toMatchObject(written.summary['vamp']!);
    expect(Object.keys(summary['vamp']!)).toEqual(['2', '3', '4']);
  }, 120_000);

  test.each([
    ['an unknown setting', ['--set', 'nonsense=1'], 'nonsense'],
    ['an unknown method', ['--methods', 'magic'], 'methods'],
    ['tasks that do not divide the classes', ['--tasks', '3'], 'tasks'],
    ['a folder without images', ['--images', join(root, 'nowhere')], 'train-images-idx3-ubyte'],
    ['nothing to draw', ['--draw', '--out', join(root, 'nothing')], 'nothing'],
  ])('refuses %s with exit code 2', async (_, args, said) => {
    const { status, stderr } = await runFewscan(boovae('refused', args), join(root, 'home'));
    expect(status).toBe(2);
    expect(stderr).toContain(said);
  });
});

const rowsIn = (file: string): number =>
  existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as { rows: unknown[] }).rows.length : 0;

/** Starts the command line and ends it, with its child, as soon as something is there. */
const killedWhen = (args: readonly string[], isTime: () => boolean): Promise<void> =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, [entry, ...args], {
      env: environment(join(root, 'killed-home')),
      stdio: 'ignore',
      detached: true,
    });
    const timer = setInterval(() => {
      if (isTime()) process.kill(-child.pid!, 'SIGKILL'); // its group: the computing child too
    }, 20);
    child.on('close', () => {
      clearInterval(timer);
      resolve();
    });
  });
