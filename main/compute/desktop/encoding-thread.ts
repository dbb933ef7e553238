/** A thread that writes what the library keeps of a scan in another format. Started by `downloads.ts`. */

import { parentPort, workerData } from 'node:worker_threads';
import { AppError, type WireError } from '../../../contract/errors/app-error.ts';
import { openPorts } from '../../storage/open-ports.ts';
import { type Download, type EncodedFile, encodedFile } from './encoded-file.ts';

export interface EncodingTask {
  readonly home: string;
  readonly asked: EncodedFile;
}

export type EncodingAnswer =
  | { readonly kind: 'done'; readonly download: Download }
  | { readonly kind: 'failed'; readonly error: WireError };

const { home, asked } = workerData as EncodingTask; // as `downloads.ts` gives it
const port = parentPort!; // this file is a thread's
try {
  const download = await encodedFile(openPorts(home), asked);
  port.postMessage({ kind: 'done', download } satisfies EncodingAnswer);
} catch (error) {
  if (!(error instanceof AppError)) throw error;
  port.postMessage({ kind: 'failed', error: error.toWire() } satisfies EncodingAnswer);
}
