import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../../tests/temporary-folder.ts';
import type { Volume } from '../../imaging/volume.ts';
import { openPorts } from '../open-ports.ts';

const home = temporaryFolder();
const volume: Volume = {
  size: [9, 8, 7],
  affineRasMm: [
    [0, -2, 0, 5],
    [1.5, 0, 0, -7],
    [0, 0, 3, 11],
  ],
  voxels: Int16Array.from({ length: 504 }, (_, n) => n - 200),
  components: 1,
  warnings: [],
};
const labels: Volume = { ...volume, voxels: Uint8Array.from({ length: 504 }, (_, n) => (n % 5 === 0 ? 1 : 0)) };

describe('the number of a scan', () => {
  it('is the same in every library, so that a seed splits scans alike, and another one where that is taken', async () => {
    const [home, empty] = [temporaryFolder(), temporaryFolder()];
    const { id } = await openPorts(temporaryFolder()).library.add({ name: 'first', volume, structures: [] });
    expect((await openPorts(empty).library.add({ name: 'by another name', volume, structures: [] })).id).toBe(id);
    mkdirSync(join(home, 'library', id), { recursive: true });
    const beside = await openPorts(home).library.add({ name: 'first', volume, structures: [] });
    expect(beside.id).toMatch(/^[0-9a-f]{12}$/);
    expect(beside.id).not.toBe(id);
  });
});

describe('a library of an earlier version, whose images are compressed', () => {
  it('is read, drawn in and not doubled', async () => {
    const { library, scans } = openPorts(home);
    const { id } = await library.add({ name: 'old', volume, structures: [] });
    const plain = library.pathOf(id, 'image');
    writeFileSync(`${plain}.gz`, gzipSync(readFileSync(plain)));
    rmSync(plain);
    expect(library.pathOf(id, 'image')).toBe(`${plain}.gz`);
    expect(await scans.readVolume(library.pathOf(id, 'image'))).toMatchObject({
      size: volume.size,
      affineRasMm: volume.affineRasMm,
      voxels: volume.voxels,
    });
    await library.saveLabels(id, labels);
    expect((await scans.readVolume(library.pathOf(id, 'labels'))).voxels).toEqual(labels.voxels);
    await expect(library.saveLabels(id, { ...labels, size: [8, 9, 7] })).rejects.toMatchObject({
      code: 'library/other-grid',
    });
    expect(await library.add({ name: 'again', volume, structures: [] })).toMatchObject({ id, isNew: false });
    expect((await library.list()).map(({ name }) => name)).toEqual(['old']);
  });
});

describe('labels that two windows draw', () => {
  it('are not replaced by ones that were drawn on older ones, and a change of them ends an approval', async () => {
    const { library, scans } = openPorts(temporaryFolder());
    const { id } = await library.add({ name: 'shared', volume, structures: [] });
    const first = (await library.saveLabels(id, labels, '')).labels!.sha256;
    await library.update(id, { review: 'approved' });
    expect((await library.saveLabels(id, labels, first)).review).toBe('approved');
    const other: Volume = { ...labels, voxels: new Uint8Array(504).fill(2) };
    const second = await library.saveLabels(id, other, first);
    expect(second.review).toBe('in review');
    for (const stale of ['', first])
      await expect(library.saveLabels(id, labels, stale)).rejects.toMatchObject({ code: 'library/labels-changed' });
    expect((await scans.readVolume(library.pathOf(id, 'labels'))).voxels).toEqual(other.voxels);
    await library.saveLabels(id, labels, second.labels!.sha256);
  });
});
