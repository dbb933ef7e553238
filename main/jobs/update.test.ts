import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { jobRequests } from '../../contract/jobs.ts';
import { modelRecordSchema, scansThatTrained } from '../../contract/model.ts';
import { useTensorflow } from '../../tests/back-end.ts';
import { quietContext, testPorts } from '../../tests/job-ports.ts';
import { writeMadeScans } from '../../tests/made-scans.ts';
import { temporaryFolder } from '../../tests/temporary-folder.ts';
import { adapt } from './adapt.ts';
import { consolidate } from './consolidate.ts';
import { evaluate } from './evaluate.ts';
import { segment } from './segment.ts';
import { update } from './update.ts';

const bytesOf = (data: Float32Array) => Buffer.from(data.buffer, data.byteOffset, data.byteLength);

describe.skipIf(!useTensorflow())('update', () => {
  const root = temporaryFolder();
  const ports = testPorts(root);
  const first = writeMadeScans(join(root, 'first'), 3);
  const second = writeMadeScans(join(root, 'second'), 3, 50);
  const adapting = jobRequests.adapt.parse({
    kind: 'adapt',
    ...first,
    name: 'made',
    prior: 'hippocampus-synthetic',
    steps: 2,
    holdOut: 0,
  });
  const updating = (more: object) =>
    jobRequests.update.parse({ kind: 'update', model: 'made', ...second, steps: 2, holdOut: 0, ...more });

  test('adds components one after the other, by share of the scans; old weights stay bit for bit; results follow', async () => {
    await adapt(ports, quietContext(), adapting);
    const before = await ports.models.load('made');
    const result = await update(ports, quietContext(), updating({ site: 'scanner 2', settings: { lambda: 1 } }));
    expect(result.model).toMatchObject({ name: 'made', version: 2 });
    expect(result.choice).toBe('gate');
    const twice = await update(ports, quietContext(), updating({ method: 'pr', choice: 'weights' }));
    expect(twice.sites.map(({ weight }) => weight)).toEqual(
      [1 / 3, 1 / 3, 1 / 3].map((value) => expect.closeTo(value)),
    );
    const after = await ports.models.load('made', 3);
    for (const [name, { data }] of Object.entries(before.weights))
      expect(Buffer.compare(bytesOf(after.weights[`component-0/${name}`]!.data), bytesOf(data)), name).toBe(0);
    expect(after.record.mixture!.components.map(({ site, addedBy }) => [site, addedBy.modelVersion])).toEqual([
      ['site 1', 1],
      ['scanner 2', 2],
      ['site 3', null],
    ]);
    expect(modelRecordSchema.parse(after.record)).toEqual(after.record);
    const imagesOf = (scans: readonly { readonly imageSha256: string }[]) =>
      scans.map(({ imageSha256 }) => imageSha256);
    expect(after.record.training.before).toEqual([
      ...(await ports.models.load('made', 2)).record.training.scans,
      ...before.record.training.scans,
    ]);
    expect(new Set(imagesOf(scansThatTrained(after.record))).size).toBe(6); // both folders' scans, the second one's twice

    const out = join(root, 'out');
    const segmenting = {
      kind: 'segment' as const,
      inputs: [second.images],
      model: 'made',
      out,
      samples: 3,
      seed: 0,
      keepSamples: false,
      dicomMap: false,
      interim: false,
    };
    const { scans } = await segment(ports, quietContext(), segmenting);
    const shares = scans[0]!.report.components!;
    expect(shares.map(({ site }) => site)).toEqual(['site 1', 'scanner 2', 'site 3']);
    expect(shares.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1);
    const { cases } = await evaluate(ports, quietContext(), {
      kind: 'evaluate',
      predictions: out,
      labels: second.labels,
    });
    expect(cases.length).toBe(3);
  }, 120_000);

  test('a mixture is consolidated into one posterior, from scans without labels; a single one is refused', async () => {
    const consolidating = (more: object) =>
      jobRequests.consolidate.parse({ kind: 'consolidate', model: 'made', images: first.images, steps: 1, ...more });
    const { model, components } = await consolidate(ports, quietContext(), consolidating({ name: 'one' }));
    expect(components).toBe(3);
    const { record } = await ports.models.load(model.name);
    expect(record).toMatchObject({ weights: { kind: 'gaussian', members: 1 }, mixture: null, training: { steps: 1 } });
    expect(record.training.before).toHaveLength(9); // of the three versions that it was distilled from
    expect(record.gate!.scans).toBe(9); // it knows the scans of all sites by what their components kept
    await expect(consolidate(ports, quietContext(), consolidating({ model: 'one' }))).rejects.toMatchObject({
      code: 'update/no-mixture',
    });
  }, 120_000);

  test('refuses labels of other structures, and a gate that the model does not keep', async () => {
    const { record, weights } = await ports.models.load('made', 1);
    await ports.models.publish({ record: { ...record, name: 'old', gate: null }, weights, card: '' });
    await expect(update(ports, quietContext(), updating({ model: 'old', choice: 'gate' }))).rejects.toMatchObject({
      code: 'update/no-gate',
    });
    const other = {
      ...record,
      name: 'other',
      structures: [
        { label: 1, name: 'one' },
        { label: 7, name: 'seven' },
      ],
    };
    await ports.models.publish({ record: other, weights, card: '' });
    await expect(update(ports, quietContext(), updating({ model: 'other' }))).rejects.toMatchObject({
      code: 'update/structures-differ',
    });
  });
});
