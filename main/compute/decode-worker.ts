/** The decoding child: decodes one stack of untrusted pixels and ends. No tensors. Started by `decode-in-child.ts`. */

import { AppError } from '../../contract/errors/app-error.ts';
import { type DicomTask, decodeDicom } from '../storage/dicom/decode-dicom.ts';
import type { FromDecoder } from './decode-in-child.ts';

const say = (message: FromDecoder): Promise<void> =>
  new Promise((resolve) => (process.send ? process.send(message, () => resolve()) : resolve()));

async function decode(task: DicomTask): Promise<FromDecoder> {
  try {
    return { kind: 'volume', volume: await decodeDicom(task, () => void say({ kind: 'slice' })) };
  } catch (error) {
    if (error instanceof AppError) return { kind: 'failed', error: error.toWire() };
    return { kind: 'bug', stack: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

process.once('message', (task: DicomTask) => {
  void decode(task)
    .then(say)
    .then(() => process.exit(0));
});
process.on('disconnect', () => process.exit(1)); // the parent is gone
process.on('SIGINT', () => {}); // a terminal sends Ctrl-C to the whole group: the parent decides
