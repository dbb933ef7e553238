import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { ModelRecord } from '../../contract/model.ts';
import { temporaryFolder } from '../../tests/temporary-folder.ts';
import type { ModelDraft } from '../jobs/ports.ts';
import { openAuditLog } from './audit-log.ts';
import { besides } from './files/drafts.ts';
import { withRecord } from './models/model-files.ts';
import { openPorts } from './open-ports.ts';

const root = temporaryFolder();
let homes = 0;
const newHome = () => {
  const home = join(root, `home-${homes++}`);
  return { home, resources: join(root, `resources-${homes}`) };
};
const open = ({ home, resources } = newHome()) => openPorts(home, resources);
const code = (value: string, details = {}) =>
  expect.objectContaining({ code: value, details: expect.objectContaining(details) });

const record: ModelDraft['record'] = {
  version: 2,
  name: 'liver',
  method: 'ri',
  architecture: { family: 'residual-unet', size: 'short', inputChannels: 1, classes: 2 },
  weights: { kind: 'point', members: 1 },
  mixture: null,
  gate: null,
  borderDeviation: 0,
  temperature: 1,
  intervalCalibration: null,
  channels: ['image'],
  structures: [{ label: 1, name: 'liver' }],
  plan: {
    orientation: 'RAS',
    spacingMm: [1, 1, 1],
    patchSize: [16, 16, 16],
    normalisation: [{ kind: 'z-score', lowPercentile: 0.5, highPercentile: 99.5 }],
    fieldOfViewMm: { low: [16, 16, 16], high: [16, 16, 16] },
  },
  prior: null,
  training: {
    scans: [{ imageSha256: 'a', labelSha256: 'b' }],
    heldOut: [],
    before: [],
    seed: 0,
    steps: 1,
    elapsedMs: 1,
    settings: {},
  },
  metrics: { heldOutDice: 0.8 },
  compute: {},
};
const draft = (value: number, name = 'liver'): ModelDraft => ({
  record: { ...record, name },
  weights: { 'weights/input': { shape: [2], data: Float32Array.of(value, 0) } },
  card: `# ${name}\n`,
});
const endedProcess = (): number => spawnSync(process.execPath, ['--version']).pid;
const firstWeight = (model: { weights: ModelDraft['weights'] }) => model.weights['weights/input']!.data[0];

describe('models', () => {
  test('are published as immutable versions, the newest current; use and roll back move a pointer', async () => {
    const { models } = open();
    for (const value of [1, 2, 3]) expect((await models.publish(draft(value))).modelVersion).toBe(value);
    expect(firstWeight(await models.load('liver'))).toBe(3);
    expect(firstWeight(await models.load('liver', 1))).toBe(1);
    await models.use('liver', 1);
    expect(firstWeight(await models.load('liver'))).toBe(1);
    expect((await models.rollBack('liver')).modelVersion).toBe(3);
    expect((await models.rollBack('liver')).modelVersion).toBe(2);
    expect((await models.list()).map(({ record: one, current }) => [one.modelVersion, current])).toEqual([
      [1, false],
      [2, true],
      [3, false],
    ]);
    await expect(models.load('spleen')).rejects.toThrow(code('storage/no-such-model', { known: 'liver' }));
    await expect(models.load('../liver')).rejects.toThrow(code('storage/name'));
  });

  test('stay unused until someone asks for them, where another is in use; their cards are read', async () => {
    const { models } = open();
    await models.publish(draft(1), { makeCurrent: false });
    await models.publish(draft(2), { makeCurrent: false });
    expect(firstWeight(await models.load('liver'))).toBe(1);
    expect(firstWeight(await models.load('liver', 2))).toBe(2);
    await models.use('liver', 2);
    expect(firstWeight(await models.load('liver'))).toBe(2);
    expect((await models.rollBack('liver')).modelVersion).toBe(1);
    expect(await models.card('liver', 2)).toBe(draft(2).card);
    await expect(models.card('liver', 3)).rejects.toThrow(code('storage/no-such-model'));
  });

  test('are deleted for good, never the current one, and their numbers are not given again', async () => {
    const { models } = open();
    for (const value of [1, 2]) await models.publish(draft(value));
    await expect(models.remove('liver', 2)).rejects.toThrow(code('storage/current-model'));
    await models.use('liver', 1);
    await models.remove('liver', 2);
    await expect(models.load('liver', 2)).rejects.toThrow(code('storage/no-such-model'));
    expect((await models.publish(draft(3))).modelVersion).toBe(3);
  });

  test('travel as one file; damage and foreign content are refused', async () => {
    const [from, to] = [open(), open()];
    await from.models.publish(draft(7));
    const file = join(root, 'liver.fewscan-model');
    await from.models.exportTo(file, { name: 'liver' });
    expect((await to.models.importFrom(file)).modelVersion).toBe(1);
    expect(firstWeight(await to.models.load('liver'))).toBe(7);
    expect((await to.models.importFrom(file)).modelVersion).toBe(2);
    const bytes = readFileSync(file);
    for (const damaged of [bytes.subarray(0, bytes.length / 2), Buffer.from('no zip'), Buffer.alloc(0)]) {
      writeFileSync(join(root, 'damaged.fewscan-model'), damaged);
      await expect(to.models.importFrom(join(root, 'damaged.fewscan-model'))).rejects.toThrow(
        code('storage/corrupted'),
      );
    }
    await expect(to.models.importFrom(join(root, 'absent'))).rejects.toThrow(code('storage/not-found'));
  });

  test('with a changed byte, a missing file or of a newer program are refused by name; the others stay usable', async () => {
    const place = newHome();
    const { models } = open(place);
    for (const value of [1, 2, 3]) await models.publish(draft(value));
    const folder = (version: number) => join(place.home, 'models', 'liver', String(version));
    const weights = readFileSync(join(folder(1), 'weights.safetensors'));
    weights[weights.length - 1]! ^= 1;
    writeFileSync(join(folder(1), 'weights.safetensors'), weights);
    await expect(models.load('liver', 1)).rejects.toThrow(code('storage/corrupted'));
    rmSync(join(folder(2), 'record.json'));
    await expect(models.load('liver', 2)).rejects.toThrow(code('storage/corrupted'));
    const { models: listed, problems } = await models.survey();
    expect(listed.map(({ record: one }) => one.modelVersion)).toEqual([1, 3]);
    expect(problems.length).toBe(1);
    expect(firstWeight(await models.load('liver'))).toBe(3);
    const seal = join(folder(3), 'files.json');
    writeFileSync(seal, readFileSync(seal, 'utf8').replace('"version": 1', '"version": 2'));
    await expect(models.load('liver', 3)).rejects.toThrow(code('storage/newer-version', { found: 2, known: 1 }));
  });

  test('of the first record version, without mixtures and gates, load as single posteriors', async () => {
    const place = newHome();
    const { models } = open(place);
    await models.publish(draft(1));
    const folder = join(place.home, 'models', 'liver', '1');
    const { mixture: _mixture, gate: _gate, ...older } = JSON.parse(readFileSync(join(folder, 'record.json'), 'utf8'));
    const files = withRecord(
      { ...older, version: 1 },
      {
        'weights.safetensors': readFileSync(join(folder, 'weights.safetensors')),
        'MODEL_CARD.md': readFileSync(join(folder, 'MODEL_CARD.md')),
      },
    );
    for (const [name, bytes] of Object.entries(files)) writeFileSync(join(folder, name), bytes);
    expect((await models.load('liver')).record).toMatchObject({ version: 2, mixture: null, gate: null });
  });

  test('a draft of a killed process is no version, and is cleared away', async () => {
    const place = newHome();
    const { models } = open(place);
    await models.publish(draft(1));
    const folder = join(place.home, 'models', 'liver');
    const ours = besides(join(folder, 'version'), 'draft');
    const dead = ours.replace(`-${process.pid}-`, `-${endedProcess()}-`);
    for (const one of [ours, dead]) mkdirSync(one);
    expect((await models.list()).length).toBe(1);
    await models.publish(draft(2));
    expect([existsSync(ours), existsSync(dead)]).toEqual([true, false]);
  });

  test('published by several at once all get a number of their own, and the audit log holds them all', async () => {
    const place = newHome();
    const { models } = open(place);
    const records = (await Promise.all(
      [1, 2, 3, 4].map((value) => models.publish(draft(value))),
    )) as readonly ModelRecord[];
    expect(records.map(({ modelVersion }) => modelVersion).sort()).toEqual([1, 2, 3, 4]);
    expect(await openAuditLog(place.home).verify()).toMatchObject({ entries: 4 });
  });
});

describe('the audit log', () => {
  test('notices a changed, a removed and an exchanged entry', async () => {
    const place = newHome();
    const { models } = open(place);
    for (const value of [1, 2, 3]) await models.publish(draft(value));
    const file = join(place.home, 'audit.jsonl');
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
    expect(lines.length).toBe(3);
    const broken = [
      [lines[0]!.replace('"modelVersion":1', '"modelVersion":9'), lines[1]!, lines[2]!],
      [lines[0]!, lines[2]!],
      [lines[1]!, lines[0]!, lines[2]!],
    ];
    for (const changed of broken) {
      writeFileSync(file, `${changed.join('\n')}\n`);
      await expect(openAuditLog(place.home).verify()).rejects.toThrow(code('storage/corrupted'));
    }
  });
});

describe('priors', () => {
  const prior = (value: number) => ({
    name: 'brain',
    record: { seed: value },
    weights: { 'group-1/scale': { shape: [], data: Float32Array.of(value) } },
    card: '# brain\n',
    pictures: { 'group-1.png': { width: 2, height: 1, pixels: Uint8Array.of(0, 255) } },
  });

  test('are stored with pictures, replaced as a whole, and known by the hash of their weights', async () => {
    const place = newHome();
    const { priors } = open(place);
    const first = await priors.publish(prior(1));
    const second = await priors.publish(prior(2));
    expect(first.sha256).not.toBe(second.sha256);
    expect((await priors.load('brain')).weights['group-1/scale']!.data[0]).toBe(2);
    expect(readFileSync(join(place.home, 'priors/brain/images/group-1.png')).subarray(1, 4).toString()).toBe('PNG');
    expect(await priors.list()).toEqual([{ name: 'brain', shipped: false }]);
    await expect(priors.load('liver')).rejects.toThrow(code('storage/no-such-prior', { known: 'brain' }));
  });
});

describe('runs and sources', () => {
  const arrays = { w: { shape: [3], data: Float32Array.of(1, 2, 3) } };

  test('a checkpoint comes back as it was saved, and goes when the run ends', async () => {
    const place = newHome();
    const { runs } = open(place);
    const key = runs.keyOf({ b: 1, a: [2] });
    expect(key).toBe(runs.keyOf({ a: [2], b: 1 }));
    expect(await runs.loadCheckpoint(key)).toBeUndefined();
    await runs.saveCheckpoint(key, { arrays, state: { step: 4 } });
    expect(await runs.loadCheckpoint(key)).toEqual({ arrays, state: { step: 4 } });
    await runs.finish(key, { dice: 0.9 });
    expect(await runs.loadCheckpoint(key)).toBeUndefined();
    expect(existsSync(join(place.home, 'runs', key, 'outcome.json'))).toBe(true);
  });

  test('snapshots of several nets share a folder; a damaged one is named', async () => {
    const { sources } = open();
    const folder = join(root, 'sources');
    for (const member of [2, 10])
      await sources.saveSnapshot(folder, { member, cycle: 0 }, arrays, { validationDice: 0.5 });
    expect((await sources.listSnapshots(folder)).map(({ member }) => member)).toEqual([2, 10]);
    expect(await sources.loadSnapshot(folder, { member: 2, cycle: 0 })).toEqual({
      weights: arrays,
      record: { validationDice: 0.5 },
    });
    writeFileSync(join(folder, 'member-2', 'cycle-0.safetensors'), 'damaged');
    await expect(sources.loadSnapshot(folder, { member: 2, cycle: 0 })).rejects.toThrow(code('storage/corrupted'));
  });
});
