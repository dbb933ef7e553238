import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeVoxels, encodeVoxels } from '../contract/app/voxel-message.ts';
import { encodeNifti } from '../main/imaging/nifti/encode.ts';
import type { Volume } from '../main/imaging/volume.ts';
import { type AppCaller, callApp } from './call-app.ts';
import { madeScan, otherContrast } from './made-scans.ts';
import { isSetUp } from './run-fewscan.ts';
import { type StartedApp, startApp } from './start-app.ts';
import { temporaryFolder } from './temporary-folder.ts';

const folder = temporaryFolder();
const timeout = 240_000;
const messageOf = ({ size, affineRasMm, voxels }: Volume): Uint8Array =>
  encodeVoxels(
    { size: [...size], affineRasMm: affineRasMm.map((row) => [...row]), components: 1, type: 'uint8' },
    voxels as Uint8Array, // labels
  );
function write(name: string, volume: Volume): string {
  const path = join(folder, `${name}.nii.gz`);
  writeFileSync(path, encodeNifti(volume, { gzip: true }));
  return path;
}

describe.skipIf(!isSetUp)('scans of several images (skipped where Fewscan is not built and set up)', () => {
  let server: StartedApp;
  let app: AppCaller;
  const library = () => app.call('library/list', {});
  const named = async (name: string) => (await library()).find((scan) => scan.name === name)!;

  beforeAll(async () => {
    mkdirSync(join(folder, 'home'));
    server = await startApp(join(folder, 'home'));
    app = await callApp(server.address);
  }, timeout);
  afterAll(() => server?.end());

  it(
    'are put together where files are numbered, and stay apart where these lie on different grids',
    async () => {
      const paths = [0, 1, 2].flatMap((n) => {
        const { image } = madeScan(n);
        return [write(`patient${n}_0000`, image), write(`patient${n}_0001`, otherContrast(image))];
      });
      const { image } = madeScan(9);
      const affineRasMm: Volume['affineRasMm'] = [[1, 0, 0, 5], image.affineRasMm[1], image.affineRasMm[2]];
      const moved = { ...image, affineRasMm };
      paths.push(write('series_0000', image), write('series_0001', moved));
      await app.done(await app.call('library/add', { paths }));
      const list = await library();
      expect(list.map(({ name, components }) => [name, components]).sort()).toEqual([
        ['patient0', 2],
        ['patient1', 2],
        ['patient2', 2],
        ['series_0000', 1],
        ['series_0001', 1],
      ]);
    },
    timeout,
  );

  it(
    'are joined by hand with their labels, in the order asked for; the single ones stay',
    async () => {
      const { image, labels } = madeScan(3);
      await app.done(
        await app.call('library/add', { paths: [write('flair', otherContrast(image)), write('t1', image)] }),
      );
      const [t1, flair] = [await named('t1'), await named('flair')];
      await app.put(`/volume/${t1.id}/labels`, messageOf(labels));
      await app.call('library/set-structures', {
        id: t1.id,
        structures: [
          { label: 1, name: 'bright' },
          { label: 2, name: 'dark' },
        ],
      });
      const channels = [
        { id: t1.id, name: 'T1' },
        { id: flair.id, name: 'FLAIR' },
      ];
      await app.done(await app.call('library/combine', { name: 'joined', channels }));
      const joined = await named('joined');
      expect(joined).toMatchObject({
        components: 2,
        channels: ['T1', 'FLAIR'],
        labels: { structures: [{ name: 'bright' }, { name: 'dark' }] },
      });
      expect(await named('t1')).toBeDefined();
      const { header: read, voxels } = decodeVoxels(await (await app.get(`/volume/${joined.id}/image`)).arrayBuffer());
      expect(read.components).toBe(2);
      const count = 16 ** 3;
      expect(voxels.slice(0, count)).toEqual(image.voxels);
      expect(voxels.slice(count)).toEqual(otherContrast(image).voxels);
      const drawn = decodeVoxels(await (await app.get(`/volume/${joined.id}/labels`)).arrayBuffer());
      expect(drawn.voxels).toEqual(labels.voxels);

      const apart = await app.call('library/combine', {
        name: 'apart',
        channels: [
          { id: t1.id, name: 'T1' },
          { id: (await named('series_0001')).id, name: 'T2' },
        ],
      });
      await expect(app.done(apart)).rejects.toThrow('different grids');
      await expect(
        app.call('library/combine', { name: 'more', channels: [channels[0]!, { id: joined.id, name: 'both' }] }),
      ).rejects.toThrow('library/several-images');
    },
    timeout,
  );

  it(
    'are learned from and segmented together; a scan of one image is refused',
    async () => {
      const scans: string[] = [];
      for (const n of [0, 1, 2]) {
        const { labels } = madeScan(n);
        const { id } = await named(`patient${n}`);
        await app.put(`/volume/${id}/labels`, messageOf(labels));
        scans.push(id);
      }
      scans.push((await named('joined')).id);
      const asked = { name: 'two-images', prior: 'hippocampus-synthetic', minutes: 0.05, holdOut: 0.25 };
      await expect(app.call('adapt/start', { ...asked, scans: [...scans, (await named('t1')).id] })).rejects.toThrow(
        'library/several-images',
      );
      const [t1, flair] = [await named('t1'), await named('flair')];
      const turned = [
        { id: flair.id, name: 'FLAIR' },
        { id: t1.id, name: 'T1' },
      ];
      await app.done(await app.call('library/combine', { name: 'turned', channels: turned }));
      await expect(
        app.call('adapt/start', { ...asked, scans: [...scans, (await named('turned')).id] }),
      ).rejects.toThrow('library/other-sequences');
      await app.done(await app.call('adapt/start', { ...asked, scans }));
      const { record } = (await app.call('models/list', {})).find((one) => one.record.name === 'two-images')!;
      expect(record.architecture.inputChannels).toBe(2);
      expect(record.channels).toEqual(['T1', 'FLAIR']);
      const hashes = (await library()).filter(({ id }) => scans.includes(id)).map(({ imageSha256 }) => imageSha256);
      expect(record.training.scans.every(({ imageSha256 }) => hashes.includes(imageSha256))).toBe(true);
      const segmenting = { model: 'two-images', version: 1, samples: 2 };
      await app.done(await app.call('segment/start', { ...segmenting, scan: scans[0]! }));
      expect((await named('patient0')).results[0]!.report.samples).toBe(2);
      const single = await app.call('segment/start', { ...segmenting, scan: (await named('t1')).id });
      await expect(app.done(single)).rejects.toThrow('made for 2');
    },
    timeout,
  );
});
