import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { AppError } from '../../contract/errors/app-error.ts';
import { jobRequests } from '../../contract/jobs.ts';
import { useTensorflow } from '../../tests/back-end.ts';
import { quietContext, testPorts } from '../../tests/job-ports.ts';
import { writeMadeScans } from '../../tests/made-scans.ts';
import { temporaryFolder } from '../../tests/temporary-folder.ts';
import { adapt } from './adapt.ts';
import { clearlyBest, type MethodChoice, pairedDifference } from './choose-method.ts';
import type { JobContext } from './ports.ts';

const row = (method: 'dwp' | 'pr' | 'ri', dice: number, difference: number, standardError: number) => ({
  method,
  dice,
  difference,
  standardError,
});

describe('the choice among methods', () => {
  test('is the first but where another is better by more than a standard error', () => {
    const dwp = row('dwp', 0.85, 0, 0);
    expect(clearlyBest([dwp, row('pr', 0.86, 0.01, 0.02), row('ri', 0.8, -0.05, 0.01)])).toBe('dwp');
    expect(clearlyBest([dwp, row('pr', 0.86, 0.01, 0.005), row('ri', 0.87, 0.02, 0.01)])).toBe('ri');
    expect(clearlyBest([dwp, row('pr', 0.86, 0.01, 0.005), row('ri', 0.87, 0.02, 0.03)])).toBe('pr');
  });

  test('pairs scans: what they share does not count', () => {
    const theirs = [0.5, 0.7, 0.9];
    expect(pairedDifference([0.6, 0.8, 1], theirs).difference).toBeCloseTo(0.1);
    expect(pairedDifference([0.6, 0.8, 1], theirs).standardError).toBeCloseTo(0);
    expect(pairedDifference([0.5, 0.7, 1.2], theirs).standardError).toBeCloseTo(0.1); // 0, 0, 0.3: deviation 0.173 over the root of 3
  });
});

describe.skipIf(!useTensorflow())('adapt --method auto', () => {
  const root = temporaryFolder();
  const ports = testPorts(root);
  const asking = (scans: { readonly images: string; readonly labels: string }, name: string) =>
    jobRequests.adapt.parse({
      kind: 'adapt',
      ...scans,
      name,
      prior: 'hippocampus-synthetic',
      method: 'auto',
      steps: 9,
      holdOut: 0,
    });
  /** Hears which trainings run; stops where a third one would begin. */
  const listening = (trainings: Set<string>, most = Number.POSITIVE_INFINITY): JobContext => ({
    ...quietContext(),
    breathe: async (phase) => {
      if (/fold|training/.test(phase)) trainings.add(phase);
      if (trainings.size > most) throw new AppError('job/cancelled', { phase });
    },
  });

  test('judges each method on scans that it has not seen, goes on where it was stopped, and says what it chose by', async () => {
    const scans = writeMadeScans(join(root, 'scans'), 4);
    const [before, after] = [new Set<string>(), new Set<string>()];
    await expect(adapt(ports, listening(before, 2), asking(scans, 'made'))).rejects.toThrow(AppError);
    const { model, methodChoice, steps } = await adapt(ports, listening(after), asking(scans, 'made'));
    expect(methodChoice!.methods.map(({ method }) => method)).toEqual(['dwp', 'pr', 'ri']);
    expect(methodChoice!.trialBudget).toEqual({ steps: 1 });
    expect(steps).toBe(3);
    expect(model.method).toBe(methodChoice!.chosen);
    expect(before.size + after.size).toBe(3 + 5); // 2 whole and the third begun; 4 left and the last
    const { record } = await ports.models.load('made');
    expect(record.metrics['methodChoice']).toEqual(methodChoice);
    expect(record.training.scans.length).toBe(4);

    const elsewhere = testPorts(join(root, 'elsewhere'));
    const straight = await adapt(elsewhere, quietContext(), asking(scans, 'made'));
    const figures = ({ methods }: MethodChoice) => methods.map(({ dice }) => dice);
    expect(figures(straight.methodChoice!)).toEqual(figures(methodChoice!));
  }, 180_000);

  test('refuses fewer scans than two for each half', async () => {
    const three = writeMadeScans(join(root, 'three'), 3);
    await expect(adapt(ports, quietContext(), asking(three, 'few'))).rejects.toThrow(
      expect.objectContaining({ code: 'data/too-few-scans' }),
    );
  });
});
