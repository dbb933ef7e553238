import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { AppError } from '../contract/errors/app-error.ts';
import { buildBinding } from './build-binding.ts';
import { type Folders, installedFolders } from './folders.ts';
import { installLibraries, librariesInstalled } from './install-libraries.ts';
import { obtainWheel, type WheelSource } from './obtain-wheel.ts';
import { packageRoot } from './package-root.ts';
import { planSetUp, type SetUpPlan } from './plan.ts';
import type { Variant } from './platform-table.ts';
import { requireTools } from './required-tools.ts';
import { runProgram } from './run-program.ts';
import { withSetUpLock } from './set-up-lock.ts';
import { isComplete, writeStamp } from './stamp.ts';

/** How TensorFlow is to be set up. */
export interface SetUpRequest {
  readonly variant: Variant;
  /** A folder of wheels, for a machine without network. */
  readonly wheels?: string | undefined;
  readonly say: (line: string) => void;
}

const megabytes = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`;

/**
 * Brings libtensorflow and its binding into the npm package @tensorflow/tfjs-node-gpu. Idempotent: what is in place, whole and
 * proved is left alone; what was interrupted goes on. @throws AppError of the native area
 */
export async function setUp({ variant, wheels, say }: SetUpRequest): Promise<void> {
  const folders = installedFolders();
  if (!folders) throw new AppError('native/package-missing', { name: '@tensorflow/tfjs-node-gpu' });
  const plan = planSetUp({ platform: process.platform, arch: process.arch as NodeJS.Architecture, variant });
  if (await inPlace(plan, folders)) return;
  const lock = join(folders.wheels, 'set-up.lock');
  await withSetUpLock(
    lock,
    () => say('Another set-up is running; waiting for it.'),
    async () => {
      if (!(await librariesInstalled(plan, folders.libraries))) await layOut(plan, folders, { wheels, say });
      if (!(await isComplete(folders.binding, plan.identity))) await build(plan, folders, say);
    },
  );
}

const inPlace = async (plan: SetUpPlan, folders: Folders): Promise<boolean> =>
  (await librariesInstalled(plan, folders.libraries)) && (await isComplete(folders.binding, plan.identity));

async function layOut(
  plan: SetUpPlan,
  folders: Folders,
  { wheels, say }: Pick<SetUpRequest, 'wheels' | 'say'>,
): Promise<void> {
  say(
    `TensorFlow ${plan.tensorflow} (${plan.variant}): ${megabytes(plan.downloadBytes)} to fetch once, ${megabytes(plan.installedBytes)} on disk.`,
  );
  say(`Licence: ${plan.licences.join(', ')}.`);
  if (plan.standing === 'read') say('This platform has been prepared from the files alone; nobody has run it yet.');
  const interpreter = await requireTools({ pip: wheels === undefined });
  const source: WheelSource =
    wheels === undefined
      ? { kind: 'index', cache: folders.wheels, interpreter, pythonVersion: plan.python }
      : { kind: 'folder', folder: wheels };
  const paths: string[] = [];
  for (const wheel of plan.wheels) {
    say(`Fetching ${wheel.file}`);
    paths.push(await obtainWheel(wheel, source));
  }
  say('Unpacking');
  await installLibraries({ plan, folder: folders.libraries, wheels: paths });
}

async function build(plan: SetUpPlan, folders: Folders, say: (line: string) => void): Promise<void> {
  await requireTools({ pip: false });
  say('Building the binding');
  const beside = plan.layout.besideBinding;
  const built = await buildBinding({ package: folders.package, target: folders.binding, name: 'tfjs_binding', beside });
  const { identity, tensorflow, variant } = plan;
  await writeStamp(folders.binding, {
    identity,
    tensorflow,
    variant,
    files: { 'tfjs_binding.node': built.byteLength },
  });
  say('Proving it');
  const proof = await runProgram(process.execPath, [fileURLToPath(new URL('./prove-tensorflow.js', import.meta.url))]);
  if (proof.code === 0) return;
  await rm(folders.binding, { recursive: true, force: true });
  throw new AppError('native/does-not-run', { reason: proof.output.trim().split('\n').at(-1) ?? `code ${proof.code}` });
}

/** Removes libraries, binding and fetched wheels. */
export async function undoSetUp(folders: Folders | undefined = installedFolders()): Promise<void> {
  if (!folders) return;
  for (const folder of [folders.binding, folders.libraries, folders.wheels])
    await rm(folder, { recursive: true, force: true });
}

/** The verb `npm run setup -- [--gpu] [--wheels FOLDER] [--undo]`; gives the exit code. */
export async function setUpCommand(args: readonly string[]): Promise<number> {
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        gpu: { type: 'boolean', default: false },
        wheels: { type: 'string' },
        undo: { type: 'boolean', default: false },
      },
    });
    if (values.undo) await undoSetUp();
    else await setUp({ variant: values.gpu ? 'gpu' : 'cpu', wheels: values.wheels, say });
    return 0;
  } catch (error) {
    const known = error instanceof AppError || (error as NodeJS.ErrnoException).code?.startsWith('ERR_PARSE_ARGS');
    say(known ? (error as Error).message : `${packageRoot()}: ${(error as Error).stack}`); // AppError and parseArgs throw Errors
    return known ? 2 : 1;
  }
}
