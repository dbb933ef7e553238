import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { locateTensorflow } from '../native/locate-tensorflow.ts';

/** The compiled command line, as set-up leaves it. */
export const entry = fileURLToPath(new URL('../dist/cli/fewscan.js', import.meta.url));

/** Whether it can compute. */
export const isSetUp = existsSync(entry) && locateTensorflow() !== undefined;

/** Settings of a run with its own home: one thread, so that results do not depend on the machine, and frequent checkpoints. */
export const environment = (home: string) => ({
  ...process.env,
  FEWSCAN_HOME: home,
  FEWSCAN_CHECKPOINT_SECONDS: '0.2',
  TF_NUM_INTRAOP_THREADS: '1',
});

export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command line to its end. Never in this thread, which has to answer the test runner. */
export const runFewscan = (args: readonly string[], home: string): Promise<Ended> =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, [entry, ...args], {
      env: environment(home),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const said = { stdout: '', stderr: '' };
    for (const stream of ['stdout', 'stderr'] as const) {
      child[stream].on('data', (chunk: Buffer) => {
        said[stream] += chunk.toString();
      });
    }
    child.on('close', (status) => resolve({ ...said, status }));
  });

/** Arguments of a training on all of some scans from a random start. */
export const trainingOf = (
  scans: { readonly images: string; readonly labels: string },
  name: string,
  steps: number,
): readonly string[] => {
  const what = ['--images', scans.images, '--labels', scans.labels, '--name', name];
  return ['adapt', ...what, '--method', 'ri', '--steps', String(steps), '--hold-out', '0'];
};
