// `npm run bench`: the engine beside PyTorch and TensorFlow, step by step in turn; writes docs/results/bench.json, .md and .svg.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { draw } from './draw.mjs';
import { ask, installPeers, peers, start, threads } from './peers.mjs';
import { writeWork } from './work-files.mjs';

const rounds = 9;
/** 16-bit products are timed where the processor has them: emulated, a step of PyTorch takes half a minute. */
const has16Bit = existsSync('/proc/cpuinfo') && /avx512_bf16|amx_bf16/.test(readFileSync('/proc/cpuinfo', 'utf8'));
const precisions = has16Bit ? ['float32', 'bfloat16'] : ['float32'];
const works = [
  { work: 'training step 64^3, batch 1', kind: 'training', side: 64, batch: 1 },
  { work: 'training step 64^3, batch 2', kind: 'training', side: 64, batch: 2 },
  { work: 'training step 32^3, batch 4', kind: 'training', side: 32, batch: 4 },
  { work: 'local reparameterisation 64^3', kind: 'local', side: 64, batch: 1 },
  { work: 'inference 64^3', kind: 'inference', side: 64, batch: 1 },
  { work: 'inference 128^3', kind: 'inference', side: 128, batch: 1 },
];
const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

installPeers();
const folder = mkdtempSync(join(tmpdir(), 'fewscan-bench-'));
try {
  const agreement = compareResults(join(folder, 'check'));
  const rows = [];
  for (const one of works) {
    const data = join(folder, 'work');
    writeWork(data, one);
    for (const precision of precisions) {
      rows.push(await timeRow(one, precision, data));
      process.stderr.write(`${JSON.stringify(rows.at(-1))}\n`);
    }
  }
  writeWork(join(folder, 'profile'), { side: 64, batch: 1 });
  const profiles = Object.fromEntries(
    ['training', 'local', 'inference'].map((kind) => [
      kind,
      ask(peers.fewscan, kind, join(folder, 'profile'), '--profile'),
    ]),
  );
  const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8'));
  const settings = {
    network: 'short, 1 channel, 2 classes, 726,480 weights',
    rounds,
    precisions,
    threads,
    weightSeed: 1,
    tensorflow: '2.21.0',
    torch: '2.15.0',
  };
  const result = {
    version,
    machine: { cpu: cpus()[0].model, cores: cpus().length },
    settings,
    agreement,
    rows,
    profiles,
  };
  const out = join(import.meta.dirname, '../../docs/results/bench.json');
  writeFileSync(out, `${JSON.stringify(result, null, 1)}\n`);
  await draw(out);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** Loss and each layer's gradient norm of the same weights, before anything is timed: a peer that computes something else is no peer. */
function compareResults(data) {
  writeWork(data, { side: 32, batch: 2 });
  const ours = ask(peers.fewscan, 'training', data, '--check');
  const agreement = {};
  for (const name of ['torch contiguous', 'torch channels last', 'tensorflow function', 'tensorflow xla']) {
    const theirs = ask(peers[name], 'training', data, '--check');
    const largest = Math.max(
      ...Object.entries(theirs.gradientNorms).map(([layer, norm]) => Math.abs(norm / ours.gradientNorms[layer] - 1)),
    );
    agreement[name] = { lossDifference: Math.abs(theirs.loss - ours.loss), largestRelativeGradientDifference: largest };
    if (!(agreement[name].lossDifference < 1e-4 && largest < 1e-2))
      throw new Error(`${name} computes something else: ${JSON.stringify(agreement[name])}`);
  }
  return agreement;
}

async function timeRow({ work, kind, side, batch }, precision, data) {
  const running = [];
  try {
    for (const [name, peer] of Object.entries(peers).filter(([, peer]) => peer.precision === precision))
      running.push({ name, ms: [], ...(await start(peer, kind, data)) });
    for (let round = 0; round < rounds; round++)
      for (const one of running) {
        const { ms, peakBytes } = await one.step();
        one.ms.push(ms);
        one.peakBytes = peakBytes;
      }
  } finally {
    for (const one of running) one.end();
  }
  const ours = running.find(({ name }) => name.startsWith('fewscan'));
  const others = running.filter((one) => one !== ours);
  const best = Math.min(...others.map(({ ms }) => median(ms)));
  return {
    work,
    precision,
    side,
    batch,
    fewscanMs: median(ours.ms),
    peers: Object.fromEntries(others.map(({ name, ms }) => [name, median(ms)])),
    ratioToBest: median(ours.ms) / best,
    peakBytes: ours.peakBytes,
    peerPeakBytes: Object.fromEntries(others.map(({ name, peakBytes }) => [name, peakBytes])),
    allMs: Object.fromEntries(running.map(({ name, ms }) => [name, ms])),
  };
}
