/** The thread of the decoding child that decodes one volume of untrusted pixels. Started by `decode-worker.ts`, which watches it. */

import { write } from 'node:fs';
import { tmpdir } from 'node:os';
import { promisify } from 'node:util';
import { parentPort } from 'node:worker_threads';
import { AppError } from '../../contract/errors/app-error.ts';
import { scalarTypeOf } from '../imaging/scalar-types.ts';
import type { Voxels } from '../imaging/volume.ts';
import { type DicomTask, decodeParts } from '../storage/dicom/decode-dicom.ts';
import { touching } from '../storage/files/file-failure.ts';
import { type FromDecoder, voxelFile } from './decode-messages.ts';

const port = parentPort!; // this file is a thread's
const say = (message: FromDecoder): void => port.postMessage(message);
const writeBytes = promisify(write);

/** Decodes, and stores each slice while the next one is decoded. */
async function decode(task: DicomTask): Promise<FromDecoder> {
  let storing = Promise.resolve();
  let at = 0;
  const store = async (values: Voxels, from: number): Promise<void> => {
    const { buffer, byteOffset, byteLength } = values;
    for (let done = 0; done < byteLength; ) {
      const rest = new Uint8Array(buffer, byteOffset + done, byteLength - done);
      const write = () => writeBytes(voxelFile, rest, 0, rest.length, from + done);
      done += (await touching(tmpdir(), write)).bytesWritten;
    }
    say({ kind: 'stored', type: scalarTypeOf(values), count: values.length });
  };
  try {
    for await (const part of decodeParts(task)) {
      if (part.kind !== 'slice') {
        say(part);
        continue;
      }
      await storing;
      storing = store(part.values, at);
      storing.catch(() => {}); // it is awaited, a slice later
      at += part.values.byteLength;
    }
    await storing;
    return { kind: 'done' };
  } catch (error) {
    if (error instanceof AppError) return { kind: 'failed', error: error.toWire() };
    return { kind: 'bug', stack: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

port.once('message', (task: DicomTask) => void decode(task).then(say));
