import { existsSync, realpathSync } from 'node:fs';
import { copyFile, cp, mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { packageRoot } from './package-root.ts';

/** Prefix of the Node at `executable` if its headers lie there (`include/node/node_api.h`), else undefined. */
export function installedHeaders(executable: string = process.execPath): string | undefined {
  const prefix = dirname(dirname(realpathSync(executable)));
  const needed = ['node_api.h', 'common.gypi'];
  return needed.every((name) => existsSync(join(prefix, 'include', 'node', name))) ? prefix : undefined;
}

/** Lays the Node-API headers of the npm package node-api-headers out under `folder` as node-gyp wants a Node's own. */
export async function makeHeaders(folder: string): Promise<string> {
  const target = join(folder, 'include', 'node');
  await mkdir(target, { recursive: true });
  const headers = dirname(createRequire(import.meta.url).resolve('node-api-headers/package.json'));
  await cp(join(headers, 'include'), target, { recursive: true });
  await copyFile(join(packageRoot(), 'native', 'node-api.gypi'), join(target, 'common.gypi'));
  return folder;
}
