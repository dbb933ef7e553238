/** The decoding child: decodes one stack of untrusted pixels and ends. No tensors. Started by `decode-in-child.ts`. */

import { rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { AppError } from '../../contract/errors/app-error.ts';
import { emptyLike } from '../imaging/voxel-arrays.ts';
import { decodeDicom } from '../storage/dicom/decode-dicom.ts';
import { touching } from '../storage/files/file-failure.ts';
import type { FromDecoder, ToDecoder } from './decode-in-child.ts';

const say = (message: FromDecoder): Promise<void> =>
  new Promise((resolve) => (process.send ? process.send(message, () => resolve()) : resolve()));

async function decode({ task, voxelFile }: ToDecoder): Promise<FromDecoder> {
  try {
    const volume = await decodeDicom(task, () => void say({ kind: 'slice' }));
    const { buffer, byteOffset, byteLength } = volume.voxels;
    const bytes = new Uint8Array(buffer, byteOffset, byteLength);
    await touching(voxelFile, () => writeFile(voxelFile, bytes, { mode: 0o600 }));
    return { kind: 'volume', volume: { ...volume, voxels: emptyLike(volume.voxels, 0) } };
  } catch (error) {
    if (error instanceof AppError) return { kind: 'failed', error: error.toWire() };
    return { kind: 'bug', stack: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

process.once('message', (order: ToDecoder) => {
  process.once('disconnect', () => rmSync(dirname(order.voxelFile), { recursive: true, force: true })); // nobody else is left to
  void decode(order)
    .then(say)
    .then(() => process.exit(0));
});
process.on('disconnect', () => setImmediate(() => process.exit(1))); // the parent is gone
process.on('SIGINT', () => {}); // a terminal sends Ctrl-C to the whole group: the parent decides
