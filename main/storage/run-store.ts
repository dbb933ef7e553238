import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../contract/errors/app-error.ts';
import type { RunStore } from '../jobs/ports.ts';
import { decodeSealed, encodeSealed } from './arrays/sealed-arrays.ts';
import { tidy } from './files/drafts.ts';
import { touching } from './files/file-failure.ts';
import { readFileIfThere } from './files/read-file.ts';
import { sha256 } from './files/sha256.ts';
import { writeFileAtomically } from './files/write-file.ts';
import { canonicalJson } from './records/canonical-json.ts';
import { recordText } from './records/versioned-record.ts';

/** `home/runs/KEY/checkpoint.safetensors` while a run lives, `outcome.json` once it ended. */
export function openRunStore(home: string): RunStore {
  const folderOf = (runKey: string): string => {
    if (!/^[0-9a-f]{64}$/.test(runKey)) throw new AppError('storage/name', { name: runKey });
    return join(home, 'runs', runKey);
  };
  const checkpointOf = (runKey: string): string => join(folderOf(runKey), 'checkpoint.safetensors');
  return {
    keyOf: (data) => sha256(canonicalJson(data)),
    loadCheckpoint: async (runKey) => {
      const path = checkpointOf(runKey);
      await tidy(folderOf(runKey));
      const bytes = await readFileIfThere(path);
      if (bytes === undefined) return undefined;
      const { arrays, data } = decodeSealed(bytes, path);
      return { arrays, state: data };
    },
    saveCheckpoint: (runKey, { arrays, state }) =>
      writeFileAtomically(checkpointOf(runKey), encodeSealed({ arrays, data: state })),
    finish: async (runKey, outcome) => {
      await writeFileAtomically(join(folderOf(runKey), 'outcome.json'), recordText({ version: 1, outcome }));
      await touching(checkpointOf(runKey), () => rm(checkpointOf(runKey), { force: true }));
    },
  };
}
