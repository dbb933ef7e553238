import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

/** Where the pieces of TensorFlow lie; none of them need exist. */
export interface Folders {
  /** The npm package @tensorflow/tfjs-node-gpu. */
  readonly package: string;
  /** Headers, libraries and their stamp. */
  readonly libraries: string;
  /** The built binding and its stamp. */
  readonly binding: string;
  /** Downloaded wheels, kept so that a fresh node_modules needs no network. */
  readonly wheels: string;
}

/** The folders inside `packageFolder`, with wheels in `wheels`. */
export function foldersIn(packageFolder: string, wheels: string = wheelCache()): Folders {
  return {
    package: packageFolder,
    libraries: join(packageFolder, 'deps'),
    binding: join(packageFolder, 'lib', 'napi-v8'),
    wheels,
  };
}

/** The folders of this installation, undefined where the npm package is absent. */
export function installedFolders(): Folders | undefined {
  try {
    return foldersIn(dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-node-gpu/package.json')));
  } catch {
    return undefined;
  }
}

/** The user's cache of wheels, by the custom of the platform. */
export function wheelCache(environment: NodeJS.ProcessEnv = process.env, platform = process.platform): string {
  const { XDG_CACHE_HOME, LOCALAPPDATA } = environment;
  if (platform === 'win32') return join(LOCALAPPDATA ?? join(homedir(), 'AppData', 'Local'), 'fewscan', 'wheels');
  if (platform === 'darwin') return join(homedir(), 'Library', 'Caches', 'fewscan', 'wheels');
  return join(XDG_CACHE_HOME || join(homedir(), '.cache'), 'fewscan', 'wheels');
}
