import { join } from 'node:path';
import { AppError } from '../../contract/errors/app-error.ts';
import type { SourceStore } from '../jobs/ports.ts';
import { decodeSealed, encodeSealed } from './arrays/sealed-arrays.ts';
import { tidy } from './files/drafts.ts';
import { listFolder } from './files/list-folder.ts';
import { readFileBytes } from './files/read-file.ts';
import { sha256 } from './files/sha256.ts';
import { writeFileAtomically } from './files/write-file.ts';
import { recordText } from './records/versioned-record.ts';

type Place = Parameters<SourceStore['loadSnapshot']>[1];

/**
 * `FOLDER/member-M/cycle-C.safetensors` holds weights and record together, so that several machines can write into one
 * folder without ever mixing two snapshots; `cycle-C.json` beside it is a copy of the record for people.
 */
export const sourceStore: SourceStore = {
  saveSnapshot: async (folder, at, weights, record) => {
    const path = pathOf(folder, at);
    await tidy(join(folder, `member-${at.member}`));
    const bytes = encodeSealed({ arrays: weights, data: record });
    await writeFileAtomically(path, bytes);
    await writeFileAtomically(
      path.replace(/safetensors$/, 'json'),
      recordText({ ...at, sha256: sha256(bytes), record }),
    );
  },

  listSnapshots: async (folder) => {
    const found: { member: number; cycle: number; sha256: string }[] = [];
    for (const member of numbered(await listFolder(folder), /^member-(0|[1-9]\d*)$/)) {
      const files = await listFolder(join(folder, `member-${member}`));
      for (const cycle of numbered(files, /^cycle-(0|[1-9]\d*)\.safetensors$/)) {
        const bytes = await readFileBytes(pathOf(folder, { member, cycle }), 'snapshot');
        found.push({ member, cycle, sha256: sha256(bytes) });
      }
    }
    return found;
  },

  loadSnapshot: async (folder, at) => {
    const path = pathOf(folder, at);
    const { arrays, data } = decodeSealed(await readFileBytes(path, 'snapshot'), path);
    return { weights: arrays, record: data };
  },
};

function pathOf(folder: string, { member, cycle }: Place): string {
  if (!Number.isInteger(member) || !Number.isInteger(cycle)) {
    throw new AppError('storage/name', { name: `member-${member}/cycle-${cycle}` });
  }
  return join(folder, `member-${member}`, `cycle-${cycle}.safetensors`);
}

const numbered = (names: readonly string[], pattern: RegExp): readonly number[] =>
  names
    .map((name) => pattern.exec(name)?.[1])
    .filter((text) => text !== undefined)
    .map(Number)
    .sort((a, b) => a - b);
