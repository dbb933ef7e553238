import { createHash } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import { type JobInput, jobRequests } from '../../contract/jobs.ts';
import { reorient } from '../imaging/geometry/reorient.ts';
import type { Volume } from '../imaging/volume.ts';
import type { JobContext } from './ports.ts';
import { type SynthesisPorts, synthesize } from './synthesize.ts';

/** A head: 2 in a box, 17 a rod on the left of it, 53 on the right; 40 x 44 x 36, RAS, then turned to LIA as FreeSurfer's maps. */
function head(targets: readonly number[], shift = 0): Volume {
  const voxels = new Float32Array(40 * 44 * 36);
  for (let k = 0, n = 0; k < 36; k++)
    for (let j = 0; j < 44; j++)
      for (let i = 0; i < 40; i++, n++) {
        const inside = i > 2 && i < 37 && j > 2 && j < 41 && k > 2 && k < 33;
        const rod = Math.hypot(k - 18 - shift, (j - 20) / 3) < 3;
        const target = rod && Math.abs(i - 12) < 3 ? 17 : rod && Math.abs(i - 28) < 3 ? 53 : 2;
        voxels[n] = !inside
          ? 0
          : target === 2 || targets.includes(target)
            ? target + (target === 2 && i > 19 ? 39 : 0)
            : 2;
      }
  const affineRasMm = [
    [1, 0, 0, -20],
    [0, 1, 0, -22],
    [0, 0, 1, -18],
  ] as const;
  return reorient({ voxels, size: [40, 44, 36], affineRasMm, components: 1, warnings: [] }, 'LIA');
}

/** Folders kept in memory, with a count of the label maps in use. */
function memory(maps: readonly Volume[]) {
  const files = new Map<string, Volume | string>();
  const ports: SynthesisPorts = {
    scans: {
      listScans: async () => maps.map((_, n) => ({ name: `map_${n}`, path: String(n) })),
      readVolume: async (path) => maps[Number(path)]!,
      hashVolume: ({ voxels }) => createHash('sha256').update(new Uint8Array(voxels.buffer)).digest('hex'),
    },
    results: {
      list: async (folder) =>
        [
          ...new Set(
            [...files.keys()]
              .filter((path) => path.startsWith(`${folder}/`))
              .map((path) => path.slice(folder.length + 1).split('/')[0]!),
          ),
        ].sort(),
      readBytes: async () => undefined,
      readJson: async (path) => (files.has(path) ? JSON.parse(files.get(path) as string) : undefined),
      writeJson: async (path, value) => void files.set(path, JSON.stringify(value)),
      writeNifti: async (path, volume) => void files.set(path, volume),
    },
    runs: { keyOf: (data) => createHash('sha256').update(JSON.stringify(data)).digest('hex') },
  };
  return { files, ports, volume: (path: string) => files.get(path) as Volume };
}

const context = (cancelAfter = Number.POSITIVE_INFINITY): JobContext & { readonly phases: string[] } => {
  let breaths = 0;
  const phases: string[] = [];
  return {
    signal: new AbortController().signal,
    report: ({ phase, done, total }) => void phases.push(`${phase} ${done}/${total}`),
    breathe: async () => {
      if (breaths++ >= cancelAfter) throw new Error('stopped');
    },
    phases,
  };
};
const request = (changes: Partial<JobInput<'synthesize'>> = {}) =>
  jobRequests.synthesize.parse({
    kind: 'synthesize',
    labels: '/maps',
    out: '/out',
    count: 4,
    target: [17, 53],
    crop: [16, 28, 20],
    intensities: 'random',
    ...changes,
  });

describe('synthesize', () => {
  let one: ReturnType<typeof memory>;
  beforeEach(() => {
    one = memory([head([17, 53]), head([17, 53], 2)]);
  });

  test('writes as many images and labels as asked for, on one RAS grid, small types, with their settings', async () => {
    const progress = context();
    const result = await synthesize(one.ports, progress, request({ count: 5 }));
    expect(result).toEqual({ folder: '/out', maps: 2, structures: 4, written: 5, found: 0 });
    expect(await one.ports.results.list('/out')).toEqual(['images', 'labels', 'settings.json']);
    expect((await one.ports.results.list('/out/images')).length).toBe(5);
    const [image, labels] = [
      one.volume('/out/images/synthetic_00005.nii.gz'),
      one.volume('/out/labels/synthetic_00005.nii.gz'),
    ];
    expect([image.size, image.affineRasMm]).toEqual([labels.size, labels.affineRasMm]);
    expect(image.size).toEqual([16, 28, 20]);
    expect(image.affineRasMm[0]).toEqual([1, 0, 0, -7.5]);
    expect([image.voxels.constructor.name, labels.voxels.constructor.name]).toEqual(['Int16Array', 'Uint8Array']);
    expect([Math.min(...image.voxels), Math.max(...image.voxels)]).toEqual([0, 1000]);
    expect(progress.phases.at(-1)).toBe('making images 5/5');
  });

  test('only the targets, with their values, both of them', async () => {
    await synthesize(one.ports, context(), request({ count: 8 }));
    const found = (await one.ports.results.list('/out/labels')).map((name) =>
      [...new Set(one.volume(`/out/labels/${name}`).voxels)].sort((a, b) => a - b),
    );
    for (const values of found) expect(values.every((value) => [0, 17, 53].includes(value))).toBe(true);
    expect(found.filter((values) => values.includes(17)).length).toBeGreaterThanOrEqual(4);
    expect(found.filter((values) => values.includes(53)).length).toBeGreaterThanOrEqual(4);
  });

  test('one side: every image looks as from that side', async () => {
    const outwards = async (sides: 'left' | 'right') => {
      const { ports, volume } = memory([head([17, 53])]);
      // the right half of the head is 41 here and 2 on the left: made visible as targets
      await synthesize(ports, context(), request({ count: 6, sides, target: [17, 53], crop: [30, 28, 20] }));
      return (await ports.results.list('/out/labels')).map((name) => {
        const { voxels, size } = volume(`/out/labels/${name}`);
        const middles = [17, 53].map((label) => {
          const places = [...voxels.keys()].filter((n) => voxels[n] === label).map((n) => n % size[0]);
          return places.length === 0 ? undefined : places.reduce((sum, x) => sum + x, 0) / places.length;
        });
        return middles;
      });
    };
    // a crop is centred on its structure: the other one, where seen, lies medially
    const both = async (sides: 'left' | 'right') =>
      (await outwards(sides)).flatMap(([a, b]) => (a === undefined || b === undefined ? [] : [[a, b]]));
    const [left, right] = [await both('left'), await both('right')];
    expect(Math.min(left.length, right.length)).toBeGreaterThan(0);
    for (const middles of left) expect(Math.max(...middles)).toBeGreaterThan(14.5);
    for (const middles of right) expect(Math.min(...middles)).toBeLessThan(14.5);
  });

  test('an image depends on seed and number alone: a longer, an interrupted and a repeated run agree', async () => {
    await synthesize(one.ports, context(), request({ count: 6 }));
    const interrupted = memory([head([17, 53]), head([17, 53], 2)]);
    await expect(synthesize(interrupted.ports, context(4), request({ count: 6 }))).rejects.toThrow('stopped');
    expect((await interrupted.ports.results.list('/out/images')).length).toBe(2);
    expect(await synthesize(interrupted.ports, context(), request({ count: 6 }))).toMatchObject({
      written: 4,
      found: 2,
    });
    expect(interrupted.files).toEqual(one.files);
    const other = memory([head([17, 53]), head([17, 53], 2)]);
    await synthesize(other.ports, context(), request({ count: 6, seed: 1 }));
    expect(other.volume('/out/images/synthetic_00001.nii.gz')).not.toEqual(
      one.volume('/out/images/synthetic_00001.nii.gz'),
    );
  });

  test('a half-written pair is written again', async () => {
    await synthesize(one.ports, context(), request());
    const whole = new Map(one.files);
    one.files.delete('/out/images/synthetic_00002.nii.gz');
    expect(await synthesize(one.ports, context(), request())).toMatchObject({ written: 1, found: 3 });
    expect(one.files).toEqual(whole);
  });

  test.each([
    ['synthesis/other-settings', { seed: 9 }],
    ['synthesis/other-settings', { crop: [14, 28, 20] as [number, number, number] }],
    ['synthesis/target-absent', { target: [99], out: '/new' }],
    ['synthesis/crop-too-large', { crop: [41, 28, 20] as [number, number, number], out: '/new' }],
    ['synthesis/no-measured-intensities', { intensities: 't1' as const, out: '/new' }],
  ])('refuses with %s, and writes nothing', async (code, changes) => {
    await synthesize(one.ports, context(), request());
    const before = new Map(one.files);
    await expect(synthesize(one.ports, context(), request(changes))).rejects.toMatchObject({ code });
    expect(one.files).toEqual(before);
  });

  test('refuses a folder of other files, no maps, and labels that are none', async () => {
    one.files.set('/out/diary.txt', '');
    await expect(synthesize(one.ports, context(), request())).rejects.toMatchObject({
      code: 'synthesis/folder-in-use',
    });
    await expect(synthesize(memory([]).ports, context(), request())).rejects.toMatchObject({
      code: 'synthesis/no-maps',
    });
    const map = head([17]);
    const shifted = (by: number) => ({ ...map, voxels: map.voxels.map((value) => value + by) as Float32Array });
    await expect(synthesize(memory([shifted(0.5)]).ports, context(), request())).rejects.toMatchObject({
      code: 'labels/not-integers',
    });
    await expect(synthesize(memory([shifted(-1)]).ports, context(), request())).rejects.toMatchObject({
      code: 'synthesis/label-range',
    });
  });

  test('a target that some maps lack is taken from the others', async () => {
    const mixed = memory([head([17]), head([53]), head([])]);
    expect(await synthesize(mixed.ports, context(), request())).toMatchObject({ maps: 3, structures: 2, written: 4 });
  });
});
