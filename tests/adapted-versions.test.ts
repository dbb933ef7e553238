import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { versionComparisonSchema } from '../contract/version-comparison.ts';
import { type AppCaller, callApp } from './call-app.ts';
import { isSetUp } from './run-fewscan.ts';
import { type StartedApp, startApp } from './start-app.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** What the window's pages Adapt and Models ask of the app, on the demo scans with real adaptations. */
describe.skipIf(!isSetUp)('versions of an adapted model (skipped where Fewscan is not built and set up)', () => {
  const home = temporaryFolder();
  const timeout = 240_000;
  let server: StartedApp;
  let app: AppCaller;
  let scans: string[];
  let others: string[];
  const settings = (minutes: number, seed: number) => ({
    name: 'ours',
    prior: 'hippocampus-synthetic',
    scans,
    minutes,
    holdOut: 0.4,
    seed,
  });
  const split = <Value>(all: readonly Value[], count: number) => [all.slice(0, count), all.slice(count)] as const;
  const current = async () =>
    (await app.call('models/list', {})).find((one) => one.record.name === 'ours' && one.current)?.record.modelVersion;

  beforeAll(async () => {
    server = await startApp(home);
    app = await callApp(server.address);
    await app.done(await app.call('library/add-demo', {}));
    [scans, others] = split(
      (await app.call('library/list', {})).flatMap(({ id, labels }) => (labels ? [id] : [])),
      5,
    );
  }, timeout);
  afterAll(() => server?.end());

  it(
    'are forecast without leaving anything behind',
    async () => {
      const { neededBytes, availableBytes, expectedMs } = await app.call('adapt/forecast', settings(0.5, 0));
      expect(neededBytes).toBeGreaterThan(1e8);
      expect(availableBytes).toBeGreaterThan(1e8);
      expect(expectedMs).toBeGreaterThanOrEqual(30_000); // reading and publishing come on top
      expect(expectedMs).toBeLessThan(60_000);
      expect(await app.call('jobs/list', {})).toHaveLength(1); // the demo scans' job
      expect(readdirSync(join(home, 'adaptations'))).toEqual([]);
    },
    timeout,
  );

  it(
    'are used at once if there is no other, show what they learned, and else wait until a person has seen both',
    async () => {
      const first = await app.done(await app.call('adapt/start', settings(0.1, 0)));
      expect(await current()).toBe(1);
      const last = first.curve.at(-1)!;
      expect(last.heldOutDice).toBeGreaterThanOrEqual(0);
      expect(last.heldOutEce).toBeGreaterThan(0);
      expect(first.pictures).toContain(last.step);
      const picture = await app.get(`/picture/${first.id}/${last.step}`);
      expect(picture.headers.get('content-type')).toBe('image/png');
      expect(
        Buffer.from(await picture.arrayBuffer())
          .subarray(1, 4)
          .toString(),
      ).toBe('PNG');
      expect((await app.get(`/picture/${first.id}/..%2f..%2fwindow`)).status).toBe(422);

      await app.done(await app.call('adapt/start', settings(0.1, 0))); // the same scans are held out
      expect(await current()).toBe(1);
      await app.call('models/use', { name: 'ours', version: 2 });
      expect(await current()).toBe(2);
      await app.call('models/roll-back', { name: 'ours' });
      expect(await current()).toBe(1);
      expect((await app.call('models/card', { name: 'ours', version: 2 })).card).toContain('# ours');
    },
    timeout,
  );

  it(
    'are compared on the scans that trained neither, in pairs',
    async () => {
      const job = await app.done(await app.call('models/compare', { name: 'ours', versions: [1, 2], scans }));
      const { cases, leftOut, difference, dice, intervalsCalibrated } = versionComparisonSchema.parse(job.result);
      expect(cases).toHaveLength(2);
      expect(leftOut).toHaveLength(3);
      expect(intervalsCalibrated).toEqual([false, false]); // they were adapted without
      expect([...cases.map(({ name }) => name), ...leftOut].sort()).toEqual([...scans].sort());
      const mean = cases.reduce((sum, one) => sum + one.dice[1] - one.dice[0], 0) / cases.length;
      expect(difference.mean).toBeCloseTo(mean, 9);
      expect(dice[1].mean - dice[0].mean).toBeCloseTo(mean, 9);
      const trained = await app.call('models/compare', { name: 'ours', versions: [1, 2], scans: leftOut });
      await expect(app.done(trained)).rejects.toThrow('trained version 1 and 2');
    },
    timeout,
  );

  it(
    'are taught a further site, wait until a person has seen both, and leave out what trained either where they are compared',
    async () => {
      const teaching = { model: 'ours', version: 1, site: ' scanner 2 ', scans: others, minutes: 0.1, holdOut: 0.4 };
      const { expectedMs } = await app.call('update/forecast', teaching);
      expect(expectedMs).toBeGreaterThanOrEqual(6000);
      const job = await app.done(await app.call('update/start', teaching));
      expect(job.result).toMatchObject({ model: { name: 'ours', version: 3 }, heldOutDiceBefore: expect.any(Number) });
      expect(await current()).toBe(1);
      const versions = (await app.call('models/list', {})).filter(({ record }) => record.name === 'ours');
      const [first, taught] = [1, 3].map((n) => versions.find(({ record }) => record.modelVersion === n)!.record);
      expect(taught!.mixture!.components.map(({ site }) => site)).toEqual(['site 1', 'scanner 2']);
      expect(taught!.training.before).toEqual(first!.training.scans);
      const comparison = await app.done(
        await app.call('models/compare', { name: 'ours', versions: [2, 3], scans: [...scans, ...others] }),
      );
      const { cases, leftOut } = versionComparisonSchema.parse(comparison.result);
      expect(leftOut).toHaveLength(first!.training.scans.length + taught!.training.scans.length);
      expect(cases).toHaveLength(scans.length + others.length - leftOut.length);
      const segmented = await app.done(
        await app.call('segment/start', { scan: others[0]!, model: 'ours', version: 3, samples: 4 }),
      );
      expect(segmented.status).toBe('done');
      const [result] = (await app.call('library/list', {})).find(({ id }) => id === others[0])!.results;
      const shares = result!.report.components!.map(({ site, share }) => [site, share] as const);
      expect(shares.map(([site]) => site)).toEqual(['site 1', 'scanner 2']);
      expect(shares.reduce((sum, [, share]) => sum + share, 0)).toBeCloseTo(1);
    },
    timeout,
  );
});
