import type { ComputeDescription } from '../../contract/compute.ts';
import type { BackEndFinding } from '../../contract/doctor.ts';
import { AppError } from '../../contract/errors/app-error.ts';
import { availableCores } from '../../native/available-cores.ts';
import { loadTensorflow, type Tensorflow } from '../../native/load-tensorflow.ts';
import { locateTensorflow } from '../../native/locate-tensorflow.ts';
import { registerFusedFunctions } from '../numerics/tensors/fused/fused-functions.ts';
import { tensorflowFunctions } from './fused/tensorflow-functions.ts';
import { selfTest } from './self-test.ts';

/** Looks for back ends, loads them and proves them. For the one process that computes. Never throws. */
export async function findBackEnds(): Promise<readonly BackEndFinding[]> {
  const startedMs = performance.now();
  const reasons: string[] = [];
  const tensorflow = loadTensorflow((reason) => reasons.push(reason));
  const refused = { name: 'tensorflow', chosen: false, reasons, selfTestMs: null, compute: null };
  if (!tensorflow) return [{ ...refused, startMs: performance.now() - startedMs }];
  registerFusedFunctions('tensorflow', tensorflowFunctions);
  await tensorflow.ready();
  const startMs = performance.now() - startedMs;
  if (tensorflow.getBackend() !== 'tensorflow') {
    return [{ ...refused, reasons: [`the back end in force is ${tensorflow.getBackend()}`], startMs }];
  }
  const failures = selfTest();
  const selfTestMs = performance.now() - startedMs - startMs;
  if (failures.length > 0)
    return [{ ...refused, reasons: failures.map((what) => `it computes ${what} wrongly`), startMs, selfTestMs }];
  return [{ name: 'tensorflow', chosen: true, reasons: [], startMs, selfTestMs, compute: describe(tensorflow) }];
}

/** What the chosen back end is. @throws AppError `compute/no-backend` with the reasons */
export function chosenBackEnd(findings: readonly BackEndFinding[]): ComputeDescription {
  const chosen = findings.find((finding) => finding.chosen);
  if (chosen?.compute) return chosen.compute;
  throw new AppError('compute/no-backend', {
    reasons: findings.map(({ name, reasons }) => `${name}: ${reasons.join(', ')}`).join('; '),
  });
}

/** Describes results that no tensor took part in. */
export const noBackEnd: ComputeDescription = {
  backend: 'none',
  device: 'cpu',
  threads: 1,
  precision: 'float64',
  versions: { node: process.versions.node },
};

function describe(tensorflow: Tensorflow): ComputeDescription {
  const isGpu = (tensorflow.backend() as { readonly isUsingGpuDevice?: boolean }).isUsingGpuDevice === true; // tfjs-node's own field
  const reduced = process.env['TF_SET_ONEDNN_FPMATH_MODE'] === 'BF16';
  return {
    backend: 'tensorflow',
    device: isGpu ? 'gpu' : 'cpu',
    threads: Number(process.env['TF_NUM_INTRAOP_THREADS'] ?? availableCores()),
    precision: reduced ? 'bfloat16-accumulate' : 'float32',
    versions: {
      tensorflow: locateTensorflow()?.version ?? 'unknown',
      tfjs: tensorflow.version['tfjs-core'],
      node: process.versions.node,
    },
  };
}
