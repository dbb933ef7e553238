import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Folders, installedFolders } from './folders.ts';
import type { Variant } from './platform-table.ts';
import { readStamp } from './stamp.ts';

/** TensorFlow as set-up left it. */
export interface TensorflowLocation {
  /** Path of the Node-API binding. */
  readonly binding: string;
  /** Folder of libtensorflow. */
  readonly libraries: string;
  readonly version: string;
  readonly variant: Variant;
}

/** Finds TensorFlow; undefined where set-up has not finished (or never ran). Reads two small files, loads nothing. */
export function locateTensorflow(folders: Folders | undefined = installedFolders()): TensorflowLocation | undefined {
  if (!folders) return undefined;
  const libraries = readStamp(folders.libraries);
  const built = readStamp(folders.binding);
  const binding = join(folders.binding, 'tfjs_binding.node');
  if (!libraries || built?.identity !== libraries.identity || !existsSync(binding)) return undefined;
  return {
    binding,
    libraries: join(folders.libraries, 'lib'),
    version: libraries.tensorflow,
    variant: libraries.variant,
  };
}
