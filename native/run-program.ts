import { spawn } from 'node:child_process';

/** What a program left: its exit code (null when a signal ended it) and the end of all it printed. */
export interface ProgramOutcome {
  readonly code: number | null;
  readonly output: string;
}
/** How to run it: `show` passes its output through to the user's terminal as well. */
export interface ProgramOptions {
  readonly folder?: string;
  readonly show?: boolean;
}
const KEPT_CHARACTERS = 20_000;

/**
 * Runs a program to its end, without the npm_config_* variables of an enclosing `npm run`: they would steer pip's and
 * node-gyp's children by settings meant for npm (node-gyp reads nodedir from them). A program that is not there gives code 127.
 */
export async function runProgram(
  program: string,
  args: readonly string[],
  { folder, show = false }: ProgramOptions = {},
): Promise<ProgramOutcome> {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_(config|package)_/i.test(name)));
  return new Promise((resolve) => {
    let output = '';
    const child = spawn(program, args, { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
    const keep = (chunk: Buffer): void => {
      output = (output + chunk.toString()).slice(-KEPT_CHARACTERS);
      if (show) process.stderr.write(chunk);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.on('error', (error) => resolve({ code: 127, output: `${output}${error.message}` }));
    child.on('close', (code) => resolve({ code, output }));
  });
}
