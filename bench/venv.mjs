// Python environments of the benches: what they compare with never comes near the product.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

export const root = join(import.meta.dirname, '..');

const folderOf = (name) => join(root, `.venv-bench-${name}`);

/** The interpreter of an environment, which need not be there yet. */
export const interpreter = (name) => join(folderOf(name), 'bin/python');

/** Installs `bench/NAME/requirements.txt` once, and gives the interpreter. */
export function install(name) {
  const venv = folderOf(name);
  const python = interpreter(name);
  if (existsSync(join(venv, 'installed'))) return python;
  for (const [program, ...args] of [
    ['python3', '-m', 'venv', venv],
    [join(venv, 'bin/pip'), 'install', '--quiet', '-r', join(import.meta.dirname, name, 'requirements.txt')],
    ['touch', join(venv, 'installed')],
  ])
    if (spawnSync(program, args, { stdio: 'inherit' }).status !== 0)
      throw new Error(`${program} ${args.join(' ')} failed`);
  return python;
}
