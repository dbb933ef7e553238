import { AppError } from '../../contract/errors/app-error.ts';
import type { ScanFile } from './ports.ts';

export interface ScanChannels {
  readonly name: string;
  readonly channels: readonly ScanFile[];
}

/** nnU-Net's way of naming channels: NAME_0000, NAME_0001, ... */
const channelName = /^(.+)_(\d{4})$/;

/** Files as scans of as many images as there are: those of one NAME together where they are numbered from 0000 on without a gap. */
export function groupNumbered(files: readonly ScanFile[]): readonly ScanChannels[] {
  return [...byName(files)].flatMap(([name, group]) => {
    const channels = group.toSorted((a, b) => (a.name < b.name ? -1 : 1));
    const isNumbered = channels.every((file, n) => file.name === `${name}_${String(n).padStart(4, '0')}`);
    return isNumbered && channels.length > 1
      ? [{ name, channels }]
      : group.map((file) => ({ name: file.name, channels: [file] }));
  });
}

/** Files as scans: each by itself for a model of one channel, else those of one NAME together in channel order. */
export function groupChannels(files: readonly ScanFile[], channels: number): readonly ScanChannels[] {
  if (channels === 1) return files.map((file) => ({ name: file.name.replace(/(.)_0000$/, '$1'), channels: [file] }));
  return [...byName(files)].map(([name, group]) => {
    const multi = group.length === 1; // one 4-D file may hold all channels; its own check follows
    if (!multi && group.length !== channels)
      throw new AppError('data/channel-count', { found: group.length, needed: channels });
    return { name, channels: group.sort((a, b) => (a.name < b.name ? -1 : 1)) };
  });
}

function byName(files: readonly ScanFile[]): ReadonlyMap<string, ScanFile[]> {
  const groups = new Map<string, ScanFile[]>();
  for (const file of files) {
    const name = channelName.exec(file.name)?.[1] ?? file.name;
    groups.set(name, [...(groups.get(name) ?? []), file]);
  }
  return groups;
}
