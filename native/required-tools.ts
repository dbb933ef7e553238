import { AppError } from '../contract/errors/app-error.ts';
import { runProgram } from './run-program.ts';

/** Says how to install what a build and pip need, by platform. */
const REMEDIES: { readonly [platform: string]: string } = {
  linux: 'apt-get install -y g++ make python3 python3-pip',
  darwin: 'xcode-select --install',
  win32: 'winget install Microsoft.VisualStudio.2022.BuildTools Python.Python.3.11',
};

/** The Python to run pip and node-gyp with: `FEWSCAN_PYTHON`, else the first on the PATH. */
export async function findPython(): Promise<string | undefined> {
  const named = process.env['FEWSCAN_PYTHON'];
  for (const program of named ? [named] : ['python3', 'python']) {
    if ((await runProgram(program, ['--version'])).code === 0) return program;
  }
  return undefined;
}

/** Throws `native/tools-missing` naming everything that is missing at once. Returns the Python interpreter. */
export async function requireTools({ pip }: { readonly pip: boolean }): Promise<string> {
  const python = await findPython();
  const missing: string[] = [];
  if (!python) missing.push('Python 3');
  else if (pip && (await runProgram(python, ['-m', 'pip', '--version'])).code !== 0) missing.push('pip for Python 3');
  if (process.platform !== 'win32') {
    const compilers = [process.env['CXX'] ?? 'g++', 'c++', 'clang++'];
    if (!(await anyRuns(compilers))) missing.push('a C++ compiler');
    if (!(await anyRuns(['make']))) missing.push('make');
  }
  if (!python || missing.length > 0) {
    const remedy = REMEDIES[process.platform] ?? 'install them with your package manager';
    throw new AppError('native/tools-missing', { tools: missing.join(', '), remedy });
  }
  return python;
}

async function anyRuns(programs: readonly string[]): Promise<boolean> {
  for (const program of programs) if ((await runProgram(program, ['--version'])).code === 0) return true;
  return false;
}
