import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { AppError } from '../../contract/errors/app-error.ts';
import { jobRequests } from '../../contract/jobs.ts';
import { calibrationInWords, intervalHead, shownInterval } from '../../contract/segmentation-report.ts';
import { useTensorflow } from '../../tests/back-end.ts';
import { quietContext, testPorts } from '../../tests/job-ports.ts';
import { writeMadeScans } from '../../tests/made-scans.ts';
import { temporaryFolder } from '../../tests/temporary-folder.ts';
import { stretched } from '../numerics/metrics/interval-factor.ts';
import { adapt } from './adapt.ts';
import { evaluate } from './evaluate.ts';
import type { JobContext } from './ports.ts';
import { segment } from './segment.ts';

describe.skipIf(!useTensorflow())('adapt --calibrate', () => {
  const root = temporaryFolder();
  const ports = testPorts(root);
  const scans = writeMadeScans(join(root, 'scans'), 4);
  const asking = (more: object = {}) =>
    jobRequests.adapt.parse({
      kind: 'adapt',
      ...scans,
      name: 'made',
      prior: 'hippocampus-synthetic',
      steps: 4,
      holdOut: 0,
      calibrate: true,
      ...more,
    });
  /** Hears which trainings run; stops where the given one begins. */
  const listening = (heard: Set<string>, stopAt?: string): JobContext => ({
    ...quietContext(),
    breathe: async (phase) => {
      if (phase.includes('calibrating')) heard.add(phase);
      if (stopAt && phase.includes(stopAt)) throw new AppError('job/cancelled', { phase });
    },
  });

  test('finds factors on halves that their networks had not seen, goes on where it was stopped, and stretches what is reported', async () => {
    const [before, after] = [new Set<string>(), new Set<string>()];
    await expect(adapt(ports, listening(before, 'half 2 of 2'), asking())).rejects.toThrow(AppError);
    const { intervalCalibration, steps } = await adapt(ports, listening(after), asking());
    expect(steps).toBe(4);
    expect([...before].some((phase) => phase.includes('half 1'))).toBe(true);
    expect([...after].some((phase) => phase.includes('half 1'))).toBe(false);
    expect(intervalCalibration).toMatchObject({ folds: 2, scans: 4, level: 4 / 5 });
    expect(intervalCalibration!.factors.length).toBe(2);
    expect(Math.min(...intervalCalibration!.factors)).toBeGreaterThanOrEqual(1);
    expect(Math.max(...intervalCalibration!.factors)).toBeGreaterThan(1); // four steps leave no interval that holds
    const { record } = await ports.models.load('made');
    expect(record.intervalCalibration).toEqual(intervalCalibration);

    const straight = await adapt(testPorts(join(root, 'elsewhere')), quietContext(), asking());
    expect(straight.intervalCalibration).toEqual(intervalCalibration);

    const out = join(root, 'out');
    const request = { kind: 'segment', inputs: [scans.images], model: 'made', out };
    const { scans: segmented } = await segment(ports, quietContext(), jobRequests.segment.parse(request));
    for (const { report } of segmented) {
      expect(report.calibration).toEqual({ level: 4 / 5, scans: 4 });
      expect(intervalHead(report)).toBe('80 % interval');
      expect(calibrationInWords(report)[0]).toContain('calibrated on 4 local scans');
      expect(calibrationInWords(report).length).toBe(3);
      for (const [place, structure] of report.structures.entries()) {
        const { low, high } = stretched(structure.volumeMl, intervalCalibration!.factors[place]!, 0.001);
        expect(shownInterval(report, structure)).toEqual({
          low: expect.closeTo(low),
          high: expect.closeTo(high),
          level: 4 / 5,
        });
      }
    }
    const judged = await evaluate(
      ports,
      quietContext(),
      jobRequests.evaluate.parse({ kind: 'evaluate', predictions: out, labels: scans.labels }),
    );
    const held = judged.cases.flatMap(({ name, structures }) =>
      structures.map(({ calibratedHoldsTruth, trueVolumeMl }, place) => {
        const { low, high } = segmented.find((one) => one.name === name)!.report.structures[place]!.calibratedMl!;
        expect(calibratedHoldsTruth).toBe(trueVolumeMl >= low - 0.0005 && trueVolumeMl <= high + 0.0005); // half a voxel
        return calibratedHoldsTruth;
      }),
    );
    expect(judged.summary.calibratedCoverage).toBe(held.filter(Boolean).length / 8);

    const few = await segment(
      ports,
      quietContext(),
      jobRequests.segment.parse({ ...request, out: join(root, 'few'), samples: 5 }),
    );
    expect(few.scans[0]!.report.calibration).toBeUndefined(); // five samples have no 90 % interval that could be stretched
  }, 240_000);

  test('refuses a method without intervals, before anything is trained', async () => {
    await expect(adapt(ports, quietContext(), asking({ method: 'ri', name: 'never' }))).rejects.toThrow(
      expect.objectContaining({ code: 'job/no-intervals' }),
    );
  });
});
