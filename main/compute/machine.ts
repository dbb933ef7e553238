import { readFileSync } from 'node:fs';
import { freemem } from 'node:os';
import { join } from 'node:path';
import type { ComputeDescription } from '../../contract/compute.ts';
import type { Machine } from '../jobs/ports.ts';

/** Left to the system and to other programs. */
const reserveBytes = 512e6;

/** This process's clock and memory, and what computes in it. */
export const machineOf = (compute: ComputeDescription): Machine => ({
  compute,
  nowMs: () => performance.now(),
  checkpointEveryMs: 1000 * Number(process.env['FEWSCAN_CHECKPOINT_SECONDS'] ?? 20),
  peakMemoryBytes: () => process.resourceUsage().maxRSS * 1024, // kilobytes on every platform (libuv)
  availableMemoryBytes: () => availableMemoryBytes(),
});

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

/** What the control groups of version 2 or 1 leave. */
function groupBounds(root: string): readonly number[] {
  const pairs = [
    ['sys/fs/cgroup/memory.max', 'sys/fs/cgroup/memory.current'],
    ['sys/fs/cgroup/memory/memory.limit_in_bytes', 'sys/fs/cgroup/memory/memory.usage_in_bytes'],
  ] as const;
  return pairs
    .map(([limit, usage]) => Number(read(join(root, limit))) - Number(read(join(root, usage))))
    .filter((bytes) => Number.isFinite(bytes) && bytes > 0); // `max` is no number
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
