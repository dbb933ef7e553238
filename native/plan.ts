import { createHash } from 'node:crypto';
import { AppError } from '../contract/errors/app-error.ts';
import { type Manifest, readManifest, type Wheel } from './manifest.ts';
import { type PlatformRow, platformTable, type Variant } from './platform-table.ts';

/** Everything that set-up will fetch and lay out, known before anything is touched. */
export interface SetUpPlan {
  /** Changes whenever the outcome would: stamps hold it. */
  readonly identity: string;
  readonly tensorflow: string;
  readonly python: string;
  readonly variant: Variant;
  readonly standing: 'proved' | 'read';
  readonly wheels: readonly Wheel[];
  readonly layout: Pick<PlatformRow, 'members' | 'links' | 'besideBinding'>;
  readonly downloadBytes: number;
  readonly installedBytes: number;
  /** Without repeats, in the order of the wheels. */
  readonly licences: readonly string[];
}

/** Which machine to plan for. */
export interface Target {
  readonly platform: NodeJS.Platform;
  readonly arch: NodeJS.Architecture;
  readonly variant: Variant;
}

/** Plans the set-up of TensorFlow. Throws `native/platform-unsupported` where no wheel has the library for the target. */
export function planSetUp(target: Target, manifest: Manifest = readManifest()): SetUpPlan {
  const row = platformTable.find(({ platform, arch }) => platform === target.platform && arch === target.arch);
  const source = row?.sources[target.variant];
  if (!row || !source) {
    throw new AppError('native/platform-unsupported', {
      platform: `${target.platform} ${target.arch}${target.variant === 'gpu' ? ' with CUDA' : ''}`,
      supported: platformTable.map(({ platform, arch }) => `${platform} ${arch}`).join(', '),
    });
  }
  const wheels = source.wheels.map((file): Wheel => {
    const pinned = manifest.wheels[file];
    if (!pinned) throw new Error(`${file} is in the platform table, but not in native/manifest.json`);
    return { ...pinned, file };
  });
  return {
    identity: identityOf(row, wheels),
    tensorflow: manifest.tensorflow,
    python: manifest.python,
    variant: target.variant,
    standing: row.standing[target.variant] ?? 'read',
    wheels,
    layout: row,
    downloadBytes: wheels.reduce((sum, { byteLength }) => sum + byteLength, 0),
    installedBytes: source.installedBytes,
    licences: [...new Set(wheels.map(({ licence }) => licence))],
  };
}

function identityOf({ members, links }: PlatformRow, wheels: readonly Wheel[]): string {
  const parts = [
    ...wheels.map(({ sha256 }) => sha256),
    ...members.map(({ match, to }) => `${match.source} ${to}`),
    ...links.map(({ name, target }) => `${name} ${target}`),
  ];
  return createHash('sha256').update(parts.join('\n')).digest('hex');
}
