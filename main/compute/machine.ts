import { readFileSync } from 'node:fs';
import { freemem } from 'node:os';
import { join } from 'node:path';
import type { ComputeDescription } from '../../contract/compute.ts';
import type { Machine } from '../jobs/ports.ts';
import { ownPackage } from '../storage/package-folder.ts';

/** Left to the system and to other programs. */
const reserveBytes = 512e6;

/** This process's clock and memory, and what computes in it. */
export const machineOf = (compute: ComputeDescription): Machine => ({
  compute,
  appVersion: ownPackage().version,
  nowMs: () => performance.now(),
  checkpointEveryMs: 1000 * checkpointSeconds(process.env['FEWSCAN_CHECKPOINT_SECONDS']),
  peakMemoryBytes: () => process.resourceUsage().maxRSS * 1024, // kilobytes on every platform (libuv)
  residentMemoryBytes: () => process.memoryUsage.rss(),
  availableMemoryBytes: () => availableMemoryBytes(),
});

const defaultCheckpointSeconds = 20;

/** Seconds between checkpoints as the environment says; the default where that is no number of at least 0. */
export function checkpointSeconds(text: string | undefined): number {
  const seconds = Number(text?.trim() || Number.NaN);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds : defaultCheckpointSeconds;
}

/**
 * Memory that this process may still take: what the system has available (caches that can be dropped count), or what control
 * groups leave where that is less, and what this process already holds, less a reserve. `root` is the file system's root.
 */
export function availableMemoryBytes(root = '/', ownBytes: number = process.memoryUsage.rss()): number {
  const meminfo = read(join(root, 'proc/meminfo'));
  const available = Number(/^MemAvailable:\s+(\d+) kB/m.exec(meminfo ?? '')?.[1]) * 1024;
  const bounds = [Number.isFinite(available) ? available : freemem(), ...groupBounds(root)];
  return Math.max(0, Math.min(...bounds) + ownBytes - reserveBytes);
}

/** What the control groups of version 2 or 1 leave; file pages that nobody uses can be dropped and do not count as used. */
function groupBounds(root: string): readonly number[] {
  const groups = [
    ['sys/fs/cgroup', 'memory.max', 'memory.current', 'inactive_file'],
    ['sys/fs/cgroup/memory', 'memory.limit_in_bytes', 'memory.usage_in_bytes', 'total_inactive_file'],
  ] as const;
  return groups
    .map(([folder, limit, usage, droppable]) => {
      const dropped = new RegExp(`^${droppable} (\\d+)$`, 'm').exec(read(join(root, folder, 'memory.stat')) ?? '')?.[1];
      return Number(read(join(root, folder, limit))) - Number(read(join(root, folder, usage))) + Number(dropped ?? 0);
    })
    .filter(Number.isFinite) // `max` is no number
    .map((bytes) => Math.max(0, bytes));
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
