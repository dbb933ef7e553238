import { join } from 'node:path';
import { z } from 'zod';
import { readFileIfThere } from '../files/read-file.ts';
import { writeFileAtomically } from '../files/write-file.ts';
import { type RecordKind, readRecord, recordText } from '../records/versioned-record.ts';

const number = z.number().int().positive();
const pointerSchema = z.object({
  version: z.literal(1),
  /** null: the last version was deleted. */
  current: number.nullable(),
  /** Versions that were current before, the last at the end; roll-back goes there. */
  earlier: z.array(number),
  /** Numbers are never given twice, deleted or not. */
  highest: z.number().int().nonnegative(),
});
/** Which version of a model is in use. */
export type ModelPointer = z.infer<typeof pointerSchema>;
const pointerKind: RecordKind<ModelPointer> = { schema: pointerSchema, migrations: [] };

const fileOf = (modelFolder: string): string => join(modelFolder, 'current');

/** The pointer file, or what holds without one: the highest of `versions` is current. @throws AppError `storage/corrupted` */
export async function readPointer(modelFolder: string, versions: readonly number[]): Promise<ModelPointer> {
  const bytes = await readFileIfThere(fileOf(modelFolder));
  const highest = Math.max(0, ...versions);
  const fresh = { version: 1, current: highest || null, earlier: [], highest } as const;
  if (bytes === undefined) return { ...fresh, earlier: [] };
  const pointer = readRecord(pointerKind, bytes, fileOf(modelFolder));
  return { ...pointer, current: pointer.current ?? fresh.current, highest: Math.max(highest, pointer.highest) };
}

export const writePointer = (modelFolder: string, pointer: ModelPointer): Promise<void> =>
  writeFileAtomically(fileOf(modelFolder), recordText(pointer));

export function pointTo(pointer: ModelPointer, modelVersion: number): ModelPointer {
  const { current, earlier, highest } = pointer;
  if (current === modelVersion) return pointer;
  return {
    version: 1,
    current: modelVersion,
    earlier: current === null ? earlier : [...earlier, current],
    highest: Math.max(highest, modelVersion),
  };
}

/** The pointer without a version that is going; it is not the current one, or the last. */
export const forget = (pointer: ModelPointer, modelVersion: number): ModelPointer => ({
  ...pointer,
  current: pointer.current === modelVersion ? null : pointer.current,
  earlier: pointer.earlier.filter((version) => version !== modelVersion),
});
