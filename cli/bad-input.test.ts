import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { encodeNifti } from '../main/imaging/nifti/encode.ts';
import { madeScan, writeMadeScans } from '../tests/made-scans.ts';
import { isSetUp, runFewscan, trainingOf } from '../tests/run-fewscan.ts';
import { temporaryFolder } from '../tests/temporary-folder.ts';

const root = temporaryFolder();
const home = join(root, 'home');
const fewscan = (args: readonly string[], own = home) => runFewscan(args, own);
const unseen = writeMadeScans(join(root, 'unseen'), 1, 50);

describe('wrong usage and bad input', () => {
  test('help and version end with 0; unknown words, missing options and bad values with 2 and a hint', async () => {
    expect((await fewscan(['--version'])).status).toBe(0);
    const help = await fewscan(['adapt', '--help']);
    expect([help.status, help.stdout.includes('Examples:')]).toEqual([0, true]);
    for (const args of [
      ['frobnicate'],
      ['segment'],
      ['adapt', '--steps', 'many'],
      ['segment', 'x', '--model', '../up', '--out', 'y'],
      ['synthesize', '--crop', '4x4'],
    ]) {
      const { status, stderr } = await fewscan(args);
      expect(status, args.join(' ')).toBe(2);
      expect(stderr).toContain('--help');
    }
  });

  test('models that are not there are said to be so, as JSON too', async () => {
    const { status, stdout, stderr } = await fewscan(['models', 'show', 'absent', '--json']);
    expect(status).toBe(2);
    expect(stderr).toContain('There is no model absent');
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'storage/no-such-model' } });
  });
});

describe.skipIf(!isSetUp)('bad scans and folders', () => {
  test('bad scans end with 2 and a sentence that names them; nothing is published', async () => {
    const bad = async (
      name: string,
      change: (folder: { images: string; labels: string }) => void,
    ): Promise<readonly [string, string, number | null]> => {
      const folder = writeMadeScans(join(root, name), 3);
      change(folder);
      const { status, stderr } = await fewscan([
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
    for (const [outcome, words] of cases) {
      const [name, stderr, status] = await outcome;
      expect(stderr, name).toContain(words);
      expect(status, name).toBe(2);
    }
    const single = writeMadeScans(join(root, 'single'), 1);
    const alone = await fewscan([
      'adapt',
      '--images',
      single.images,
      '--labels',
      single.labels,
      '--method',
      'ri',
      '--name',
      'bad',
    ]);
    expect(alone.stderr).toContain('at least 2 are needed');
    expect(existsSync(join(home, 'models', 'bad'))).toBe(false);
  }, 240_000);

  test('an output folder that is not ours and a scan of another field of view are refused before anything is written', async () => {
    const few = writeMadeScans(join(root, 'few'), 2);
    expect((await fewscan(trainingOf(few, 'balls', 2))).status).toBe(0);
    const theirs = join(root, 'theirs', 'made_050');
    mkdirSync(theirs, { recursive: true });
    writeFileSync(join(theirs, 'thesis.txt'), 'x');
    const { status, stderr } = await fewscan([
      'segment',
      unseen.images,
      '--model',
      'balls',
      '--out',
      join(root, 'theirs'),
    ]);
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
    const refused = await fewscan(['segment', whole, '--model', 'balls', '--out', join(root, 'far')]);
    expect([refused.status, refused.stderr.includes('--box')]).toEqual([2, true]);
    expect(readdirSync(join(root, 'far'))).toEqual([]);
  }, 120_000);
});
