import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { surfaceDistance } from '../main/numerics/metrics/surface-distance.ts';
import { derive, rootKey, uniforms } from '../main/numerics/tensors/random.ts';
import { hasPeer, python } from './peers.ts';

const size = [13, 11, 12] as const;
const spacings = [
  [1, 1, 1],
  [0.7, 1.3, 2.9],
  [3, 0.5, 1],
] as const;

/** Random voxels, blobs, and blobs that touch the border. */
function mask(trial: number, name: string): number[] {
  const key = derive(rootKey(trial), name);
  const [centreX, centreY, centreZ, radius] = uniforms(key, 4);
  const noise = uniforms(derive(key, 'noise'), size[0] * size[1] * size[2]);
  return Array.from(noise, (u, v) => {
    if (trial % 3 === 0) return u < 0.15 ? 1 : 0;
    const at = [v % size[0], Math.floor(v / size[0]) % size[1], Math.floor(v / (size[0] * size[1]))];
    const distance = Math.hypot(at[0]! - 13 * centreX!, at[1]! - 11 * centreY!, at[2]! - 12 * centreZ!);
    return distance + (trial % 3 === 2 ? 2 * u : 0) < 2.5 + 3 * radius! ? 1 : 0;
  });
}

test.skipIf(!hasPeer('surface_distance'))('HD95 and ASSD are those of the surface-distance package', () => {
  const pairs = Array.from({ length: 60 }, (_, trial) => ({
    size,
    spacingMm: spacings[trial % 3]!,
    truth: mask(trial, 'truth'),
    predicted: mask(trial, 'predicted'),
  })).filter(({ truth, predicted }) => truth.includes(1) && predicted.includes(1));
  expect(pairs.length).toBeGreaterThan(40);
  const folder = mkdtempSync(join(tmpdir(), 'fewscan-'));
  try {
    writeFileSync(join(folder, 'pairs.json'), JSON.stringify(pairs));
    const { stdout, stderr } = spawnSync(python!, ['tests/surface_peer.py', join(folder, 'pairs.json')], {
      encoding: 'utf8',
    });
    expect(stderr).not.toContain('Error');
    const answers = JSON.parse(stdout) as { hd95Mm: number; assdMm: number }[];
    for (const [n, { truth, predicted, spacingMm }] of pairs.entries()) {
      const found = surfaceDistance(truth, predicted, 1, { size, spacingMm });
      expect(Math.abs(found.hd95Mm! - answers[n]!.hd95Mm), `pair ${n}`).toBeLessThan(1e-6);
      expect(Math.abs(found.assdMm! - answers[n]!.assdMm), `pair ${n}`).toBeLessThan(1e-6);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});
