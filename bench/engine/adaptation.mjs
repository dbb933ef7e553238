// One adaptation of the product beside the same in PyTorch: docs/results/bench-adaptation.json, .md and .svg.
// Usage: node bench/engine/adaptation.mjs HIPPOCAMPUS [STEPS], a folder with images/ and labels/; or --draw.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import * as Plot from '@observablehq/plot';
import { ask, installPeers, keptHeap, python, start, threads } from './peers.mjs';
import { savePlot } from './save-plot.mjs';

const out = join(import.meta.dirname, '../../docs/results/bench-adaptation.json');
const steps = Number(process.argv[3] ?? 400);
const every = Math.min(50, Math.ceil(steps / 4));
const trialSteps = Math.min(3, steps / 2);
/** Dice that times are compared at, as shares of the lower of both ends. */
const shares = [0.9, 0.95, 0.98, 1];

if (process.argv[2] !== '--draw') writeFileSync(out, `${JSON.stringify(await compare(process.argv[2]), null, 1)}\n`);
draw(JSON.parse(readFileSync(out, 'utf8')));

async function compare(data) {
  if (!existsSync(join(data ?? '', 'images')))
    throw new Error('name the folder of the hippocampus scans, with images/ and labels/');
  installPeers();
  const folder = mkdtempSync(join(tmpdir(), 'fewscan-adaptation-'));
  try {
    const settings = { steps, trainFrom: '1-28', judgeOn: '29-40', scans: 10, seed: 0 };
    const script = join(import.meta.dirname, 'adaptation-fewscan.mjs');
    const fewscan = { program: process.execPath, args: () => [script, data, JSON.stringify(settings)] };
    ask(fewscan, '', '', '--dump', folder);
    const plan = JSON.parse(readFileSync(join(folder, 'plan.json'), 'utf8'));
    const peer = python('adaptation_peer.py'); // reads FOLDER LAYOUT THREADS
    const torch = (layout, environment) => ({ ...peer, args: () => peer.args(folder, layout), environment });
    const forms = {
      contiguous: torch('contiguous'),
      'channels last': torch('last'),
      'contiguous, kept heap': torch('contiguous', keptHeap),
    };
    const agreement = compareFirstStep(ask(forms.contiguous, '', '', '--check'), plan.info);
    const trialMs = await trial(forms);
    const best = Object.keys(forms).sort((a, b) => trialMs[a] - trialMs[b])[0];
    const sides = [
      { name: 'fewscan', child: await start(fewscan), points: [] },
      { name: `torch ${best}`, child: await start(forms[best]), points: [] },
    ];
    try {
      agreement.startDice = await trainInTurn(sides);
    } finally {
      for (const { child } of sides) child.end();
    }
    return {
      machine: { cpu: cpus()[0].model, cores: cpus().length, loadAtEnd: loadavg()[1] },
      settings: { ...settings, method: 'dwp', patch: plan.patch, batch: plan.batch, threads, torch: '2.15.0' },
      trainedOn: plan.trainedOn,
      judgedOn: plan.judgedOn,
      agreement,
      trialMs,
      sides: sides.map(({ name, points, peakBytes }) => ({ name, peakBytes, points })),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Loss and gradients of step 1, from the same weights, batch and noise. */
function compareFirstStep(theirs, ours) {
  const largest = Object.fromEntries(
    Object.entries(theirs.differences).map(([pair, of]) => [pair, Math.max(...Object.values(of))]),
  );
  const agreement = {
    dataLoss: { fewscan: ours.dataLoss, torch: theirs.dataLoss },
    kl: { fewscan: ours.kl, torch: theirs.kl },
    /** Of a gradient's norm: the two in float32, and each against PyTorch in float64. */
    largestGradientDifference: largest,
    gradientDifferences: theirs.differences,
  };
  const losses = Math.max(Math.abs(ours.dataLoss - theirs.dataLoss), Math.abs(ours.kl / theirs.kl - 1));
  if (!(losses < 1e-4 && largest.fewscanExact < 2e-3))
    throw new Error(`PyTorch computes something else: ${JSON.stringify(agreement)}`);
  return agreement;
}

/** Milliseconds of a step in each form of PyTorch. */
async function trial(forms) {
  const ms = {};
  for (const [name, form] of Object.entries(forms)) {
    const child = await start(form);
    await child.tell(trialSteps); // warms up
    ms[name] = (await child.tell(trialSteps)).stepMs / trialSteps;
    child.end();
  }
  return ms;
}

/** A stretch of steps and a judgement each, in turn. Returns the Dice of both before the first step. */
async function trainInTurn(sides) {
  const startDice = {};
  for (const { name, child } of sides) startDice[name] = (await child.tell('dice')).dice;
  for (let done = every; done <= steps; done += every)
    for (const side of sides) {
      const { batchMs = 0, stepMs, cpuMs, peakBytes } = await side.child.tell(every);
      const { dice, ms } = await side.child.tell('dice');
      side.points.push({ step: done, batchMs, stepMs, cpuMs, dice, diceMs: ms, load: loadavg()[0] });
      side.peakBytes = peakBytes;
      process.stderr.write(`${side.name} ${JSON.stringify(side.points.at(-1))}\n`);
    }
  return startDice;
}

/** Seconds of training after each stretch; `whole` counts the making of batches too, which PyTorch is given. */
function seconds(points, whole) {
  let total = 0;
  return points.map(({ stepMs, batchMs }) => (total += (stepMs + (whole ? batchMs : 0)) / 1000));
}

function draw({ machine, settings, sides, agreement, trialMs }) {
  const lower = Math.min(...sides.map(({ points }) => points.at(-1).dice));
  const curves = [
    { name: 'Fewscan with its batches', side: sides[0], whole: true },
    { name: 'Fewscan without', side: sides[0], whole: false },
    { name: 'PyTorch, batches given', side: sides[1], whole: false },
  ].map((one) => ({ ...one, at: seconds(one.side.points, one.whole) }));
  const reached = ({ side, at }, dice) => at[side.points.findIndex((point) => point.dice >= dice)];
  const row = (title, cell) => `| ${[title, ...curves.map(cell)].join(' | ')} |`;
  const table = [
    row('', ({ name }) => name),
    `|${'---|'.repeat(curves.length + 1)}`,
    row('ms a step', ({ at, side }) => ((1000 * at.at(-1)) / side.points.at(-1).step).toFixed(0)),
    ...shares.map((share) =>
      row(`s to Dice ${(share * lower).toFixed(3)} (${share * 100} %)`, (one) =>
        reached(one, share * lower).toFixed(0),
      ),
    ),
    row(`Dice after ${settings.steps} steps`, ({ side }) => side.points.at(-1).dice.toFixed(4)),
    row('processor ms a step', ({ side, whole }) =>
      side === sides[0] && !whole
        ? ''
        : (sum(side.points.map(({ cpuMs }) => cpuMs)) / side.points.at(-1).step).toFixed(0),
    ),
    row('peak memory, GB', ({ side }) => (side.peakBytes / 1e9).toFixed(2)),
    row('s to judge', ({ side }) => (median(side.points.map(({ diceMs }) => diceMs)) / 1000).toFixed(1)),
  ];
  const { dataLoss, largestGradientDifference: largest } = agreement;
  const differences = `losses of step 1 differ by ${Math.abs(dataLoss.fewscan - dataLoss.torch).toExponential(1)}, gradients from PyTorch's in float64 by at most ${largest.fewscanExact.toExponential(1)} of their norm (PyTorch in float32: ${largest.torchExact.toExponential(1)})`;
  const tried = Object.entries(trialMs).map(([name, ms]) => `${name} ${ms.toFixed(0)}`);
  writeFileSync(
    out.replace(/json$/, 'md'),
    `DWP on ${settings.scans} hippocampus scans, patch ${settings.patch.join(' x ')}, batch ${settings.batch}, judged every ${sides[0].points[0].step} steps on 12 others at q's mean; ${settings.threads} of ${machine.cores} cores of ${machine.cpu}, load ${machine.loadAtEnd.toFixed(0)}. The same start, prior, batches and schedule; ${differences}. PyTorch in the quickest of its forms (ms a step tried: ${tried.join(', ')}).\n\n${table.join('\n')}\n`,
  );
  savePlot(out.replace(/json$/, 'svg'), {
    width: 720,
    height: 400,
    marginRight: 170,
    x: { label: 'seconds of training', zero: true },
    y: { label: 'Dice on 12 scans that were not trained on', grid: true },
    color: { domain: curves.map(({ name }) => name), range: ['#0072b2', '#56b4e9', '#999999'] },
    marks: curves.flatMap(({ name, side, at }, place) => {
      const points = side.points.map(({ dice }, n) => ({ name, dice, seconds: at[n] }));
      return [
        Plot.lineY(points, { x: 'seconds', y: 'dice', stroke: 'name', marker: true }),
        Plot.text(points.slice(-1), {
          x: 'seconds',
          y: 'dice',
          text: 'name',
          fill: 'name',
          textAnchor: 'start',
          dx: 8,
          dy: 14 * place,
        }),
      ];
    }),
  });
}

function sum(values) {
  return values.reduce((total, value) => total + value, 0);
}

function median(values) {
  return [...values].sort((a, b) => a - b)[values.length >> 1];
}
