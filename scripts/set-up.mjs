// Everything that a fresh clone needs before the first run: packages, the compiled program, TensorFlow. Quick where nothing is to do.
import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const at = (...parts) => join(root, ...parts);

/** Runs quietly; shows what was said only where it fails. */
function run(title, program, args) {
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    cwd: root,
    encoding: 'utf8',
    shell: process.platform === 'win32',
  });
  if (status === 0) return;
  process.stderr.write(`${title} failed\n${stdout ?? ''}${stderr ?? ''}${error?.message ?? ''}\n`);
  process.exit(1);
}

function packagesAreThere() {
  const installed = at('node_modules', '.package-lock.json');
  return existsSync(installed) && statSync(installed).mtimeMs >= statSync(at('package-lock.json')).mtimeMs;
}

if (!packagesAreThere()) {
  process.stderr.write('Installing packages\n');
  run('npm ci', 'npm', ['ci']);
}
run('The compiler', process.execPath, [at('node_modules', 'typescript', 'bin', 'tsc'), '-p', 'tsconfig.build.json']);
const { setUpCommand } = await import(pathToFileURL(at('dist', 'native', 'set-up.js')).href);
process.exitCode = await setUpCommand(process.argv.slice(2));
