import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';

/**
 * Cores that this process may really use: those it may be scheduled on, or the processor time that control groups
 * (version 1 or 2) grant it where that is less, rounded up. `root` is the file system's root.
 */
export function availableCores(root = '/', scheduled: number = availableParallelism()): number {
  const quota = quotaInCores(root);
  return Math.max(1, Math.min(scheduled, quota === undefined ? scheduled : Math.ceil(quota)));
}

/** The least quota of the process's own group and all groups around it; undefined where none is set. */
function quotaInCores(root: string): number | undefined {
  const groups = read(join(root, 'proc/self/cgroup'))?.split('\n') ?? [];
  const quotas: number[] = [];
  for (const line of groups) {
    const [, controllers = '', ...rest] = line.split(':');
    const path = rest.join(':');
    if (controllers === '') {
      for (const folder of upwards(path)) add(quotas, versionTwo(join(root, 'sys/fs/cgroup', folder)));
    } else if (controllers.split(',').includes('cpu')) {
      for (const folder of upwards(path)) add(quotas, versionOne(join(root, 'sys/fs/cgroup/cpu', folder)));
    }
  }
  return quotas.length > 0 ? Math.min(...quotas) : undefined;
}

/** `/a/b` -> `/a/b`, `/a`, ``; inside a container the path may be the host's, but the root is always the container's. */
function upwards(path: string): string[] {
  const parts = path.split('/').filter((part) => part !== '' && part !== '..');
  return parts.map((_, depth) => parts.slice(0, parts.length - depth).join('/')).concat('');
}

function versionTwo(folder: string): number | undefined {
  const [quota, period] = read(join(folder, 'cpu.max'))?.trim().split(/\s+/) ?? [];
  return ratio(quota, period);
}

function versionOne(folder: string): number | undefined {
  return ratio(read(join(folder, 'cpu.cfs_quota_us')), read(join(folder, 'cpu.cfs_period_us')));
}

/** undefined for `max`, -1 and anything else that is no quota. */
function ratio(quota: string | undefined, period: string | undefined): number | undefined {
  const cores = Number(quota) / Number(period);
  return Number.isFinite(cores) && cores > 0 ? cores : undefined;
}

function add(quotas: number[], quota: number | undefined): void {
  if (quota !== undefined) quotas.push(quota);
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
