import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { ownPackage } from './package-folder.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Where models, priors, runs and the audit log live: FEWSCAN_HOME, or the platform's folder for a program's data. */
export function homeFolder(env: Environment = process.env, platform: NodeJS.Platform = process.platform): string {
  const chosen = env['FEWSCAN_HOME'];
  if (chosen) return resolve(chosen);
  if (platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'Fewscan');
  if (platform === 'win32') return join(env['LOCALAPPDATA'] || join(homedir(), 'AppData', 'Local'), 'Fewscan');
  return join(env['XDG_DATA_HOME'] || join(homedir(), '.local', 'share'), 'fewscan');
}

/** Shipped models, priors and demo scans: FEWSCAN_RESOURCES, or `resources` of the package. */
export const resourcesFolder = (env: Environment = process.env): string =>
  env['FEWSCAN_RESOURCES'] ? resolve(env['FEWSCAN_RESOURCES']) : join(ownPackage().folder, 'resources');
