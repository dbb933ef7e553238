import { existsSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppError } from '../contract/errors/app-error.ts';
import { availableCores } from './available-cores.ts';
import { installedHeaders, makeHeaders } from './node-headers.ts';
import { replaceFolder } from './replace-folder.ts';
import { runProgram } from './run-program.ts';

/** What to build: the target `name` of the binding.gyp in `package`, into the folder `target`. */
export interface BindingBuild {
  readonly package: string;
  readonly target: string;
  readonly name: string;
  /** Libraries of `deps/lib` that must lie beside the binding (Windows). */
  readonly beside?: readonly string[];
  /** Node whose headers to build against; the running one unless said otherwise. */
  readonly executable?: string;
}

/**
 * Builds a Node-API binding with node-gyp, not with the package's own install.js: that one would first try to download
 * a binding that nobody pinned. The target folder is replaced only by a finished build. Returns the binding's path and
 * length; throws `native/build-failed`.
 */
export async function buildBinding(
  build: BindingBuild,
): Promise<{ readonly path: string; readonly byteLength: number }> {
  const draft = `${build.target}.draft`;
  const leftovers = join(build.package, 'build');
  const headers = await mkdtemp(join(tmpdir(), 'fewscan-headers-'));
  try {
    await rm(draft, { recursive: true, force: true });
    await mkdir(draft, { recursive: true });
    const gyp = createRequire(import.meta.url).resolve('node-gyp/bin/node-gyp.js');
    const args = [gyp, 'rebuild', ...(await gypOptions(build, draft, headers))];
    const { code, output } = await runProgram(process.execPath, args, { folder: build.package });
    if (code !== 0 || !existsSync(join(draft, `${build.name}.node`))) {
      throw new AppError('native/build-failed', { name: build.name, output: tail(output) });
    }
    await finish(build, draft);
    await replaceFolder(draft, build.target);
  } finally {
    await Promise.all([draft, leftovers, headers].map((path) => rm(path, { recursive: true, force: true })));
  }
  const path = join(build.target, `${build.name}.node`);
  return { path, byteLength: (await stat(path)).size };
}

async function gypOptions({ name, executable }: BindingBuild, draft: string, headers: string): Promise<string[]> {
  const installed = installedHeaders(executable);
  const place = [`--nodedir=${installed ?? ''}`];
  if (!installed) {
    // Windows links against node.lib as well, which only node-gyp's own download brings.
    const made = process.platform === 'win32' ? [] : [`--nodedir=${await makeHeaders(headers)}`];
    place.splice(0, 1, ...made, '--force-process-config');
  }
  return [
    ...place,
    `--jobs=${availableCores()}`,
    `--module_name=${name}`,
    `--module=${join(draft, `${name}.node`)}`,
    `--module_path=${draft}`,
    '--napi_version=8',
    '--napi_build_version=8',
    '--node_napi_label=node-napi',
  ];
}

/** What the binding's own gyp file leaves open: libraries beside it (Windows), the wheel's library names (macOS). */
async function finish({ package: folder, name, beside = [] }: BindingBuild, draft: string): Promise<void> {
  const libraries = join(folder, 'deps', 'lib');
  for (const library of beside) await copyFile(join(libraries, library), join(draft, library));
  if (process.platform !== 'darwin') return;
  for (const library of ['libtensorflow_cc.2.dylib', 'libtensorflow_framework.2.dylib']) {
    const change = ['-change', `@rpath/${library}`, `@loader_path/../../deps/lib/${library}`];
    await runProgram('install_name_tool', [...change, join(draft, `${name}.node`)]);
  }
}

function tail(output: string): string {
  return output.trimEnd().split('\n').slice(-25).join('\n');
}
