// Starts and talks to the programs that are compared. Each runs one step for each line it reads.
import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { install, interpreter } from '../venv.mjs';

const here = import.meta.dirname;
/** FEWSCAN_BENCH_THREADS=1 on a machine that others use too: threads that wait for each other suffer most there. */
export const threads = Number(process.env.FEWSCAN_BENCH_THREADS ?? 2);

/** PyTorch and TensorFlow in a Python environment of their own. */
export const installPeers = () => void install('engine');

/** Bigger heaps that are kept: the setting of the C library that helps PyTorch's large temporaries. */
export const keptHeap = { MALLOC_MMAP_MAX_: '0', MALLOC_TRIM_THRESHOLD_: '100000000000', MALLOC_TOP_PAD_: '100000000' };
export const python = (script, ...settings) => ({
  program: interpreter('engine'),
  args: (work, data) => [join(here, script), work, data, ...settings, String(threads)],
});
const fewscan = { program: process.execPath, args: (work, data) => [join(here, 'fewscan-peer.mjs'), work, data] };

/** By name; `precision` says which rows they belong to. */
export const peers = {
  fewscan: { ...fewscan, precision: 'float32' },
  'torch contiguous': { ...python('torch_peer.py', 'contiguous', 'float32'), precision: 'float32' },
  'torch channels last': { ...python('torch_peer.py', 'last', 'float32'), precision: 'float32' },
  'torch contiguous, kept heap': {
    ...python('torch_peer.py', 'contiguous', 'float32'),
    environment: keptHeap,
    precision: 'float32',
  },
  'tensorflow function': { ...python('tensorflow_peer.py', 'function', 'float32'), precision: 'float32' },
  'tensorflow xla': { ...python('tensorflow_peer.py', 'xla', 'float32'), precision: 'float32' },
  'fewscan bf16': { ...fewscan, environment: { FEWSCAN_PRECISION: 'bfloat16' }, precision: 'bfloat16' },
  'torch contiguous bf16': { ...python('torch_peer.py', 'contiguous', 'bfloat16'), precision: 'bfloat16' },
  'torch channels last bf16': { ...python('torch_peer.py', 'last', 'bfloat16'), precision: 'bfloat16' },
};

const environmentOf = ({ environment = {} }) => ({
  ...process.env,
  TF_NUM_INTRAOP_THREADS: String(threads),
  TF_ENABLE_ONEDNN_OPTS: '1', // TensorFlow leaves it off on processors without AVX512-VNNI, and is several times slower
  TF_CPP_MIN_LOG_LEVEL: '3',
  ...environment,
});

/** What a peer prints with options that make it answer once. */
export function ask(peer, work, data, ...options) {
  const { stdout, status, stderr } = spawnSync(peer.program, [...peer.args(work, data), ...options], {
    env: environmentOf(peer),
    encoding: 'utf8',
    maxBuffer: 1e8,
  });
  if (status !== 0) throw new Error(stderr.slice(-2000));
  return JSON.parse(stdout.trim().split('\n').at(-1) || 'null');
}

/** A peer that is ready and waits. `step()` gives `{ms, peakBytes}` of one more; `tell(line)` its answer to a line. */
export async function start(peer, work, data) {
  const child = spawn(peer.program, peer.args(work, data), {
    env: environmentOf(peer),
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => {
    const { value, done } = await lines.next();
    if (done) throw new Error(`${peer.program} ended before its answer`);
    return value;
  };
  await next();
  const tell = async (line) => {
    child.stdin.write(`${line}\n`);
    return JSON.parse(await next());
  };
  return {
    tell,
    step: () => tell(''),
    end: () => child.kill(),
  };
}
