import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const pathIfThere = (path: string): string | undefined => (existsSync(root + path) ? root + path : undefined);

/** Python of the virtual environment of `.ci/run` (tests/requirements.txt), undefined where nobody made one. */
export const python: string | undefined = pathIfThere('.venv/bin/python') ?? pathIfThere('.venv/Scripts/python.exe');

/** Folder of scans beside the repository, undefined where it is absent. */
export const sharedData: string | undefined = pathIfThere('../shared/data');

/** Whether the Python of the virtual environment has `module` (looked up, not imported). */
export function hasPeer(module: string): boolean {
  if (!python) return false;
  const look = `import importlib.util, sys; sys.exit(importlib.util.find_spec(${JSON.stringify(module)}) is None)`;
  return spawnSync(python, ['-c', look]).status === 0;
}
