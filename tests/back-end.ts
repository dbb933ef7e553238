import { createRequire } from 'node:module';
import { tensorflowFunctions } from '../main/compute/fused/tensorflow-functions.ts';
import { registerFusedFunctions } from '../main/numerics/tensors/fused/fused-functions.ts';

/** Loads the `tensorflow` back end for a test; false where it is not set up (the test is then skipped by name). */
export function useTensorflow(): boolean {
  process.env['TF_ENABLE_ONEDNN_OPTS'] ??= '1';
  process.env['TF_CPP_MIN_LOG_LEVEL'] ??= '2';
  process.env['TF_NUM_INTRAOP_THREADS'] ??= '2'; // references were made for two: see main/compute/self-test.ts
  try {
    createRequire(import.meta.url)('@tensorflow/tfjs-node-gpu');
    registerFusedFunctions('tensorflow', tensorflowFunctions);
    return true;
  } catch {
    return false;
  }
}
