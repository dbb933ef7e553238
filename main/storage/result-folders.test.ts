import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PNG } from 'pngjs';
import { describe, expect, test } from 'vitest';
import type { SegmentationReport } from '../../contract/segmentation-report.ts';
import { affineOf, countedVolume } from '../../tests/imaging-oracle.ts';
import { temporaryFolder } from '../../tests/temporary-folder.ts';
import { resultFolders } from './result-folders.ts';

const root = temporaryFolder();
const code = (value: string) => expect.objectContaining({ code: value });
const volume = countedVolume({ size: [12, 10, 8], affineRasMm: affineOf('LIA', [1, 2, 1]) });
const report: SegmentationReport = {
  version: 1,
  scan: 'a',
  structures: [
    {
      name: 'part',
      label: 1,
      volumeMl: { median: 2, low: 1, high: 3 },
      sampleDice: 0.9,
      sampleIou: 0.8,
      volumeCv: 0.1,
    },
  ],
  intervalLevel: 0.9,
  reviewScore: 0.1,
  model: { name: 'm', version: 1, method: 'dwp' },
  seed: 0,
  samples: 19,
  compute: { backend: 'tensorflow', device: 'cpu', threads: 2, precision: 'float32', versions: {} },
  warnings: [],
  elapsedMs: 1,
  peakMemoryBytes: 1,
};

describe('a folder of results', () => {
  test('appears whole, replaces an earlier one whole, and leaves nothing beside it', async () => {
    const folder = join(root, 'out', 'scan');
    for (const round of [1, 2]) {
      const draft = await resultFolders.draft(folder);
      await draft.writeJson('a/report.json', { round });
      await draft.writeNifti('image.nii.gz', volume);
      if (round === 1) await draft.writeBytes('only-first', new Uint8Array(3));
      expect(existsSync(join(folder, 'a/report.json'))).toBe(round === 2);
      await draft.publish();
    }
    expect(JSON.parse(readFileSync(join(folder, 'a/report.json'), 'utf8'))).toEqual({ round: 2 });
    expect(existsSync(join(folder, 'only-first'))).toBe(false);
    expect(readdirSync(join(root, 'out'))).toEqual(['scan']);
  });

  test('that Fewscan did not write is refused and stays as it was', async () => {
    const folder = join(root, 'theirs');
    mkdirSync(folder);
    writeFileSync(join(folder, 'thesis.txt'), 'years of work');
    await expect(resultFolders.draft(folder)).rejects.toThrow(code('storage/foreign-folder'));
    expect(readdirSync(folder)).toEqual(['thesis.txt']);
    await expect(resultFolders.draft(join(folder, 'thesis.txt'))).rejects.toThrow(code('storage/not-a-folder'));
  });

  test('that was discarded leaves nothing', async () => {
    const folder = join(root, 'discarded', 'scan');
    const draft = await resultFolders.draft(folder);
    await draft.writeJson('report.json', {});
    await draft.discard();
    expect(readdirSync(join(root, 'discarded'))).toEqual([]);
  });

  test('holds an overview whose sides follow the voxel sizes', async () => {
    const folder = join(root, 'overview');
    const draft = await resultFolders.draft(folder);
    const probability = Float32Array.from(volume.voxels, (_, n) => (n % 12 > 3 && n % 12 < 9 ? 0.95 : 0.02));
    const structures = [{ name: 'part', label: 1, probability }];
    await draft.writeOverview('overview.png', {
      image: volume,
      structures,
      predictiveEntropy: probability.map((p) => 1 - p),
      report,
    });
    await draft.publish();
    const { width, height, data } = PNG.sync.read(readFileSync(join(folder, 'overview.png')));
    expect(width).toBeGreaterThan(500);
    expect(height).toBeGreaterThan(300);
    const orange = Array.from({ length: width * height }, (_, n) => data.subarray(4 * n, 4 * n + 3)).filter(
      ([r, g, b]) => r === 230 && g === 159 && b === 0,
    );
    expect(orange.length).toBeGreaterThan(100); // contour and legend
  });
});

describe('single files', () => {
  test('are read back, undefined where absent, listed without drafts', async () => {
    const path = join(root, 'files', 'a.json');
    await resultFolders.writeJson(path, { x: 1 });
    await resultFolders.writeText(join(root, 'files', 'b.md'), 'text');
    expect(await resultFolders.readJson(path)).toEqual({ x: 1 });
    expect(await resultFolders.readJson(join(root, 'files', 'c.json'))).toBeUndefined();
    expect(await resultFolders.readBytes(join(root, 'files', 'c'))).toBeUndefined();
    expect(await resultFolders.list(join(root, 'files'))).toEqual(['a.json', 'b.md']);
    expect(await resultFolders.list(join(root, 'absent'))).toEqual([]);
  });
});
