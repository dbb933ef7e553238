/** A thread that writes a scan's labels in another format. Started by `downloads.ts`. */

import { parentPort, workerData } from 'node:worker_threads';
import { AppError, type WireError } from '../../../contract/errors/app-error.ts';
import { openPorts } from '../../storage/open-ports.ts';
import { type Download, type LabelFile, labelFile } from './label-file.ts';

export interface LabelTask {
  readonly home: string;
  readonly id: string;
  readonly file: LabelFile;
}

export type LabelAnswer =
  | { readonly kind: 'done'; readonly download: Download }
  | { readonly kind: 'failed'; readonly error: WireError };

const { home, id, file } = workerData as LabelTask; // as `downloads.ts` gives it
const port = parentPort!; // this file is a thread's
try {
  const download = await labelFile(openPorts(home), id, file);
  port.postMessage({ kind: 'done', download } satisfies LabelAnswer);
} catch (error) {
  if (!(error instanceof AppError)) throw error;
  port.postMessage({ kind: 'failed', error: error.toWire() } satisfies LabelAnswer);
}
