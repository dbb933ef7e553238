import { createRequire } from 'node:module';
import util from 'node:util';
import { availableCores } from './available-cores.ts';
import { locateTensorflow } from './locate-tensorflow.ts';

/** The module @tensorflow/tfjs-node-gpu. */
export type Tensorflow = typeof import('@tensorflow/tfjs-node-gpu');

/**
 * Loads TensorFlow into this process, which must be the one child that computes: TensorFlow reads its settings from the
 * environment once, here, and a second loading in another thread is a data race in the binding. Undefined where it is
 * absent or does not load; `onRefusal` then hears why. Never throws.
 */
export function loadTensorflow(onRefusal: (reason: string) => void = () => {}): Tensorflow | undefined {
  if (!locateTensorflow()) {
    onRefusal('TensorFlow is not set up');
    return undefined;
  }
  prepareEnvironment(process.env);
  restoreUtil(util);
  try {
    return createRequire(import.meta.url)('@tensorflow/tfjs-node-gpu') as Tensorflow; // the package's own types
  } catch (error) {
    onRefusal(`TensorFlow is set up, but does not load: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  }
}

/** Settings that TensorFlow reads while it loads; what the user has set stays. */
export function prepareEnvironment(environment: NodeJS.ProcessEnv, cores: number = availableCores()): void {
  environment['TF_ENABLE_ONEDNN_OPTS'] ??= '1'; // off by default on processors without AVX512-VNNI: 5 to 20 times slower
  environment['TF_CPP_MIN_LOG_LEVEL'] ??= '2';
  environment['TF_NUM_INTRAOP_THREADS'] ??= String(cores);
  if (environment['FEWSCAN_PRECISION'] === 'bfloat16') environment['TF_SET_ONEDNN_FPMATH_MODE'] ??= 'BF16'; // convolutions multiply 16-bit numbers
}

/** tfjs-node calls two functions that Node 23 removed from `util`. */
export function restoreUtil(target: object): void {
  const removed = {
    isNullOrUndefined: (value: unknown) => value === null || value === undefined,
    isArray: Array.isArray,
  };
  for (const [name, restored] of Object.entries(removed)) {
    if (!(name in target)) Object.defineProperty(target, name, { value: restored, configurable: true, writable: true });
  }
}
