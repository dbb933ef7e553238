import { type ChildProcess, fork } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AppError, type WireError } from '../../contract/errors/app-error.ts';
import type { Volume, Voxels } from '../imaging/volume.ts';
import type { DecodeDicom, DicomDecoder, DicomTask } from '../storage/dicom/decode-dicom.ts';

/** What the decoding child is told. Voxels come back through a file: a gigabyte through a pipe takes seconds. */
export interface ToDecoder {
  readonly task: DicomTask;
  readonly voxelFile: string;
}

/** What the decoding child says; a volume's voxels are in the file. */
export type FromDecoder =
  | { readonly kind: 'slice' }
  | { readonly kind: 'volume'; readonly volume: Volume }
  | { readonly kind: 'failed'; readonly error: WireError }
  | { readonly kind: 'bug'; readonly stack: string };

/** A decoder that finishes no slice for this long is stopped: damaged JPEG-LS of a kilobyte can keep its codec busy for half a minute. */
const leastPatienceMs = 5000;
/** Large slices may take longer. */
const patienceMsPerPixel = 1e-3;
const watchEveryMs = 250;
/** Beyond the volume itself: the decoders' own memory and the files. */
const allowanceBytes = 1.5e9;

/**
 * Decodes a stack in a child process of its own, since its pixels are untrusted: the child is stopped where a slice takes too
 * long, or where it holds much more memory than the volume needs (watched on Linux; elsewhere V8's own limit holds).
 * @throws AppError `dicom/decoder-died` and those of decoding
 */
const decodeInChild: DecodeDicom = async (task) => {
  const folder = await mkdtemp(join(tmpdir(), 'fewscan-'));
  try {
    const voxelFile = join(folder, 'voxels');
    const volume = await converse({ task, voxelFile });
    return { ...volume, voxels: viewAs(volume.voxels, await readFile(voxelFile)) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

let spare: ChildProcess | undefined;

/** Starts a child while headers are still being read. It ends with this process, and does not keep it alive. */
function prepareDecoder(): void {
  if (spare?.connected) return;
  const child = startDecoder();
  spare = child;
  child.once('error', () => {}); // the one that is started when pixels are asked for will say so
  child.unref();
  child.channel?.unref();
}

/** The child that was prepared, or a new one; each decodes one volume. */
function takeDecoder(): ChildProcess {
  const child = spare?.connected ? spare : startDecoder();
  spare = undefined;
  child.ref();
  child.channel?.ref();
  return child;
}

const startDecoder = (): ChildProcess =>
  fork(fileURLToPath(new URL('./decode-worker.js', import.meta.url)), {
    serialization: 'advanced',
    stdio: 'ignore',
    execArgv: ['--max-old-space-size=2048'],
  });

/** Decodes in a child process of its own: see `decodeInChild`. */
export const childDecoder: DicomDecoder = { decode: decodeInChild, prepare: prepareDecoder };

/** Bytes as voxels of the type of `like`. */
function viewAs(like: Voxels, { buffer, byteOffset, byteLength }: Uint8Array): Voxels {
  const aligned = byteOffset % 8 === 0;
  const own = aligned ? buffer : buffer.slice(byteOffset, byteOffset + byteLength);
  const type = like.constructor as new (buffer: ArrayBufferLike, from: number, count: number) => Voxels; // every Voxels type has this constructor
  return new type(own, aligned ? byteOffset : 0, byteLength / like.BYTES_PER_ELEMENT);
}

const converse = (order: ToDecoder): Promise<Volume> =>
  new Promise((resolve, reject) => {
    const child = takeDecoder();
    const watch = watchOver(child, order.task);
    let answer: Exclude<FromDecoder, { kind: 'slice' }> | undefined;
    child.on('message', (message: FromDecoder) => {
      watch.heard();
      if (message.kind !== 'slice') answer = message;
    });
    const exited = new Promise<string>((done) =>
      child.once('exit', (code, signal) => done(signal ? `signal ${signal}` : `code ${code}`)),
    );
    const drained = new Promise<void>((done) => child.once('disconnect', done));
    child.once('error', reject);
    void Promise.all([exited, drained]).then(([how]) => {
      watch.end();
      if (answer?.kind === 'volume') resolve(answer.volume);
      else if (answer?.kind === 'failed') reject(AppError.fromWire(answer.error));
      else if (answer?.kind === 'bug') reject(new Error(answer.stack));
      else reject(new AppError('dicom/decoder-died', { name: 'The series', how: watch.stopped() ?? how }));
    });
    child.send(order);
  });

/** Stops a child that finishes no slice in time or holds too much memory. */
function watchOver(child: ChildProcess, task: DicomTask) {
  const patienceMs = leastPatienceMs + patienceMsPerPixel * slicePixels(task);
  const limit = volumeBytes(task) * 3 + allowanceBytes;
  let lastMs = performance.now() + startUpMs;
  let stopped: string | undefined;
  const stop = (why: string): void => {
    stopped = why;
    child.kill('SIGKILL');
  };
  const timer = setInterval(() => {
    if (performance.now() - lastMs > patienceMs) stop(`no slice within ${Math.round(patienceMs / 1000)} s`);
    void residentBytes(child.pid).then((bytes) => {
      if (bytes > limit) stop(`more than ${(limit / 2 ** 30).toFixed(1)} GiB of memory`);
    });
  }, watchEveryMs);
  return {
    heard: (): void => {
      lastMs = performance.now();
    },
    end: () => clearInterval(timer),
    stopped: () => stopped,
  };
}

/** Starting a process on a busy machine is no decoding. */
const startUpMs = 5000;

const slicePixels = (task: DicomTask): number =>
  'segmentation' in task ? 1e7 : task.slices[0]!.slice.tile.columns * task.slices[0]!.slice.tile.rows;

/** Bytes of the volume at the widest, 4 a voxel; a segmentation's is not known beforehand. */
function volumeBytes(task: DicomTask): number {
  if ('segmentation' in task) return 1e9;
  const { columns, rows } = task.slices[0]!.slice.tile;
  return 4 * columns * rows * task.slices.length;
}

/** Resident memory of a process; 0 where the system does not tell. */
async function residentBytes(pid: number | undefined): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024;
}
