import { copyFile, mkdir, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { SetUpPlan } from './plan.ts';
import { replaceFolder } from './replace-folder.ts';
import { isComplete, writeStamp } from './stamp.ts';
import { unpackWheel } from './unpack-wheel.ts';

/** What to lay out where; `onMember` hears of each file once it is written. */
export interface LibraryInstallation {
  readonly plan: SetUpPlan;
  /** Target folder; it is replaced as a whole, and only once everything is unpacked. */
  readonly folder: string;
  /** Paths of the verified wheels, in the order of the plan. */
  readonly wheels: readonly string[];
  readonly onMember?: (path: string) => void;
}

/** Unpacks headers and libraries of the wheels and links them under the names that the binding looks for. */
export async function installLibraries({ plan, folder, wheels, onMember }: LibraryInstallation): Promise<void> {
  const draft = `${folder}.draft`;
  await rm(draft, { recursive: true, force: true });
  await mkdir(join(draft, 'lib'), { recursive: true });
  const files: Record<string, number> = {};
  for (const wheel of wheels) {
    for await (const { path, byteLength } of unpackWheel(wheel, plan.layout.members, draft)) {
      files[path] = byteLength;
      onMember?.(path);
    }
  }
  for (const { name, target } of plan.layout.links) {
    if (files[`lib/${target}`] === undefined) throw new Error(`the wheels of TensorFlow do not hold ${target}`);
    await link(join(draft, 'lib'), name, target);
  }
  const { identity, tensorflow, variant } = plan;
  await writeStamp(draft, { identity, tensorflow, variant, files: librariesOnly(files) });
  await replaceFolder(draft, folder);
}

/** Whether the libraries of `plan` lie in `folder`, whole. */
export function librariesInstalled(plan: SetUpPlan, folder: string): Promise<boolean> {
  return isComplete(folder, plan.identity);
}

/** Headers are needed for the build alone: the stamp watches over the libraries. */
function librariesOnly(files: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(files).filter(([path]) => !path.startsWith('include/')));
}

/** Windows gives symbolic links to administrators only. */
async function link(folder: string, name: string, target: string): Promise<void> {
  if (process.platform === 'win32') await copyFile(join(folder, target), join(folder, name));
  else await symlink(target, join(folder, name));
}
