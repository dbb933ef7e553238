import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { comparisonCellSchema } from '../../contract/comparison.ts';
import { AppError } from '../../contract/errors/app-error.ts';
import { jobRequests } from '../../contract/jobs.ts';
import { useTensorflow } from '../../tests/back-end.ts';
import { quietContext, testPorts } from '../../tests/job-ports.ts';
import { writeMadeScans } from '../../tests/made-scans.ts';
import { temporaryFolder } from '../../tests/temporary-folder.ts';
import { compare } from './compare.ts';

const root = temporaryFolder();

test.skipIf(!useTensorflow())(
  'a comparison calibrates the intervals of arms that have some on the training scans, and says what auto chose',
  async () => {
    const ports = testPorts(root);
    const out = join(root, 'out');
    const request = jobRequests.compare.parse({
      kind: 'compare',
      ...writeMadeScans(join(root, 'scans'), 6),
      prior: 'hippocampus-synthetic',
      out,
      methods: ['dwp', 'pr', 'auto'],
      scans: [4],
      seeds: [0],
      steps: 9,
      trainFrom: '1-4',
      testOn: '5-6',
      calibrate: true,
    });
    const { summary } = await compare(ports, quietContext(), request);
    expect(Object.keys(summary).sort()).toEqual(['auto', 'dwp', 'pr']);
    const fileOf = (arm: string) => join(out, 'cells', `${arm}-4-scans-seed-0-9-steps.json`);
    const [dwp, pr, auto] = ['dwp', 'pr', 'auto'].map((arm) =>
      comparisonCellSchema.parse(JSON.parse(readFileSync(fileOf(arm), 'utf8'))),
    );
    expect(dwp!.intervalCalibration).toMatchObject({ folds: 2, scans: 4, level: 4 / 5 });
    const held = dwp!.cases.flatMap(({ structures }) => structures.map((one) => one.calibratedHoldsTruth));
    expect(held.every((one) => typeof one === 'boolean')).toBe(true);
    expect(dwp!.summary.calibratedCoverage).toBe(held.filter(Boolean).length / held.length);
    expect(dwp!.training.steps).toBe(9);
    expect(pr!.intervalCalibration).toBeNull();
    expect(pr!.summary.calibratedCoverage).toBeUndefined();
    expect(auto!.methodChoice).toMatchObject({ chosen: expect.any(String), folds: 2, trialBudget: { steps: 1 } });
    expect(auto!.training.steps).toBe(3); // the third of the budget that is left
    const chose = String(auto!.methodChoice!['chosen']);
    if (chose === 'dwp')
      expect(auto!.intervalCalibration!.factors).not.toEqual(dwp!.intervalCalibration!.factors); // of its own, shorter trainings
    else expect(auto!.intervalCalibration).toBeNull();

    for (const refused of [{ scans: [3] }, { samples: 9 }])
      await expect(compare(ports, quietContext(), { ...request, ...refused })).rejects.toThrow(AppError);

    const made = readdirSync(join(out, 'cells')).map((file) => statSync(join(out, 'cells', file)).mtimeMs);
    await compare(ports, quietContext(), { ...request, calibrate: false }); // a calibrated cell says all that another would
    expect(readdirSync(join(out, 'cells')).map((file) => statSync(join(out, 'cells', file)).mtimeMs)).toEqual(made);
  },
  240_000,
);
