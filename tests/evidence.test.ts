import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { AppError } from '../contract/errors/app-error.ts';
import { loadModel } from '../main/jobs/load-model.ts';
import { modelCard } from '../main/jobs/model-card.ts';
import { publishModel } from '../main/jobs/publish-model.ts';
import { testPorts } from './job-ports.ts';
import { temporaryFolder } from './temporary-folder.ts';

const ports = testPorts(temporaryFolder());
const results = join(import.meta.dirname, '../docs/results');

describe('what app and cards say of the methods', () => {
  it('is what the committed results of the hippocampus hold', async () => {
    const { targets } = await ports.evidence();
    const [shown] = targets;
    const { budget, summary, runs } = JSON.parse(readFileSync(join(results, 'hippocampus-arms.json'), 'utf8'));
    expect(shown).toMatchObject({ budget, testScans: runs[0].cases.length });
    expect(Object.keys(shown!.dice)).toEqual(Object.keys(summary));
    for (const [arm, counts] of Object.entries(shown!.dice)) {
      for (const [scans, { mean, low, high, draws }] of Object.entries(counts)) {
        const measured = summary[arm][scans];
        expect(mean).toBeCloseTo(measured.mean, 4);
        expect(low).toBeCloseTo(measured.low, 4);
        expect(high).toBeCloseTo(measured.high, 4);
        expect(draws).toBe(measured.draws);
      }
    }
  });

  it('stands in the card of a model of the same method and prior alone', async () => {
    const { record } = await ports.models.load('hippocampus-demo');
    const evidence = await ports.evidence();
    const { mean } = evidence.targets[0]!.dice['dwp']!['10']!;
    const quoted = `10 scans ${mean.toFixed(3)} (`;
    expect(modelCard(record, evidence)).toContain(quoted);
    expect(modelCard({ ...record, prior: { ...record.prior!, sha256: 'another' } }, evidence)).not.toContain(quoted);
    expect(modelCard({ ...record, method: 'ri', prior: null }, evidence)).not.toContain(quoted);
  });

  it('keeps no model from being published where it is damaged', async () => {
    const { record, posterior } = await loadModel(ports, 'hippocampus-demo', undefined);
    const damaged = async () => {
      throw new AppError('storage/corrupted', { file: 'evidence.json', reason: 'it is no JSON' });
    };
    const trained = { runKeys: [], steps: 1 };
    const draft = { ...record, name: 'kept' };
    const published = await publishModel({ ...ports, evidence: damaged }, draft, posterior, { trained });
    expect(published).toMatchObject({ name: 'kept', modelVersion: 1 });
    expect((await loadModel(ports, 'kept', 1)).posterior.kind).toBe(posterior.kind);
  });
});
