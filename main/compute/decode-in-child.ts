import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { AppError } from '../../contract/errors/app-error.ts';
import { VolumeGatherer } from '../imaging/dicom/volume-parts.ts';
import type { Volume } from '../imaging/volume.ts';
import type { DicomDecoder, DicomTask } from '../storage/dicom/decode-dicom.ts';
import type { FromDecoder, ToDecoder } from './decode-messages.ts';
import { openVoxelFile, type VoxelFile } from './voxel-file.ts';

/** A decoder that finishes no slice for this long is stopped: damaged JPEG-LS of a kilobyte can keep its codec busy for half a minute. */
const leastPatienceMs = 5000;
/** Large slices may take longer. */
const patienceMsPerPixel = 1e-3;
/** Starting a process on a busy machine is no decoding. */
const startUpMs = 5000;
const watchEveryMs = 250;

interface Decoder {
  readonly child: ChildProcess;
  readonly file: VoxelFile;
}

/**
 * Decodes each volume in a child process of its own, since its pixels are untrusted. The child is stopped where a slice takes too long
 * (watched here), or where it holds much more memory than the volume needs (watched by itself, since only Linux tells a parent
 * cheaply what a child holds). One is kept ready: folders hold several series.
 * @param allowanceBytes what it may hold beyond the volume: the program, the codecs' own memory and the files
 * @throws AppError (from `decode`) `dicom/decoder-died` and those of decoding
 */
export function openChildDecoder({ allowanceBytes = 1.5e9 } = {}): DicomDecoder {
  let spare: Decoder | undefined;
  const take = (): Decoder => {
    const taken = spare?.child.connected ? spare : startDecoder();
    spare = undefined;
    taken.child.ref();
    taken.child.channel?.ref();
    return taken;
  };
  const prepare = (): void => {
    if (spare?.child.connected) return;
    spare?.file.close();
    spare = startDecoder();
    const { child } = spare;
    child.once('error', () => {}); // the one that is started when pixels are asked for will say so
    child.unref(); // it ends with this process, and does not keep it alive
    child.channel?.unref();
  };
  return {
    prepare,
    async decode(task) {
      const { child, file } = take();
      try {
        return await converse(child, file, { task, mostBytes: 3 * volumeBytes(task) + allowanceBytes });
      } finally {
        child.kill('SIGKILL'); // it has nothing to tidy
        file.close();
        prepare();
      }
    },
  };
}

export const childDecoder = openChildDecoder();

function startDecoder(): Decoder {
  const file = openVoxelFile();
  const child = fork(fileURLToPath(new URL('./decode-worker.js', import.meta.url)), {
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'ignore', 'ipc', file.descriptor],
    execArgv: [],
  });
  return { child, file };
}

async function converse(child: ChildProcess, file: VoxelFile, order: ToDecoder): Promise<Volume> {
  const gatherer = new VolumeGatherer();
  let gathering = Promise.resolve();
  const patience = patienceWith(order.task, () => child.kill('SIGKILL'));
  try {
    await new Promise<void>((resolve, reject) => {
      child.on('message', (message: FromDecoder) => {
        patience.heard();
        gathering = gathering.then(async () => {
          if (await gather(gatherer, file, message)) resolve();
        });
        gathering.catch(reject);
      });
      child.once('error', reject);
      void ended(child).then((how) =>
        reject(new AppError('dicom/decoder-died', { name: 'The series', how: patience.lost() ?? how })),
      );
      child.send(order);
    });
  } finally {
    patience.end();
  }
  return gatherer.volume();
}

/** True where the volume is whole. @throws AppError that the child names; RangeError where its parts are no volume */
async function gather(gatherer: VolumeGatherer, file: VoxelFile, message: FromDecoder): Promise<boolean> {
  switch (message.kind) {
    case 'stored':
      gatherer.take({ kind: 'slice', values: await file.next(message.type, message.count) });
      return false;
    case 'done':
      return true;
    case 'failed':
      throw AppError.fromWire(message.error);
    case 'bug':
      throw new Error(message.stack);
    default:
      gatherer.take(message);
      return false;
  }
}

/** How a child ended that has nothing more to say. */
async function ended(child: ChildProcess): Promise<string> {
  const exited = new Promise<string>((done) =>
    child.once('exit', (code, signal) => done(signal ? `signal ${signal}` : `code ${code}`)),
  );
  const drained = new Promise<void>((done) => child.once('disconnect', done));
  await drained;
  return exited;
}

/** Calls `lose` where nothing is heard for too long. */
function patienceWith(task: DicomTask, lose: () => void) {
  const patienceMs = leastPatienceMs + patienceMsPerPixel * slicePixels(task);
  let lastMs = performance.now() + startUpMs;
  let lost: string | undefined;
  const timer = setInterval(() => {
    if (performance.now() - lastMs <= patienceMs) return;
    lost = `no slice within ${Math.round(patienceMs / 1000)} s`;
    lose();
  }, watchEveryMs);
  return {
    heard: (): void => {
      lastMs = performance.now();
    },
    end: () => clearInterval(timer),
    lost: () => lost,
  };
}

const slicePixels = (task: DicomTask): number =>
  'segmentation' in task ? 1e7 : task.slices[0]!.slice.tile.columns * task.slices[0]!.slice.tile.rows;

/** Bytes of the volume at the widest, 4 a voxel; a segmentation's is not known beforehand. */
function volumeBytes(task: DicomTask): number {
  if ('segmentation' in task) return 1e9;
  const { columns, rows } = task.slices[0]!.slice.tile;
  return 4 * columns * rows * task.slices.length;
}
