// Table and plot of docs/results/bench.json. Alone: node bench/engine/draw.mjs
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';

export async function draw(path) {
  const { rows, machine } = JSON.parse(readFileSync(path, 'utf8'));
  const gigabytes = (bytes) => (bytes / 1e9).toFixed(2);
  const table = rows.map(({ work, precision, fewscanMs, peers, ratioToBest, peakBytes, peerPeakBytes }) => {
    const [name, ms] = Object.entries(peers).sort(([, a], [, b]) => a - b)[0];
    const least = Math.min(
      ...Object.entries(peerPeakBytes)
        .filter(([peer]) => peer.startsWith('torch'))
        .map(([, bytes]) => bytes),
    );
    return `| ${work} | ${precision} | ${fewscanMs.toFixed(0)} | ${name} ${ms.toFixed(0)} | ${ratioToBest.toFixed(2)} | ${gigabytes(peakBytes)} | ${gigabytes(least)} |`;
  });
  const head =
    '| work | precision | Fewscan ms | best peer, ms | ratio | peak GB | least of PyTorch |\n|---|---|---|---|---|---|---|';
  writeFileSync(
    path.replace(/json$/, 'md'),
    `Median of ${rows[0].allMs.fewscan.length} steps in turn, ${machine.cores} cores of ${machine.cpu}.\n\n${head}\n${table.join('\n')}\n`,
  );
  const { document } = parseHTML('<body></body>');
  const bars = rows
    .filter(({ precision }) => precision === 'float32')
    .flatMap(({ work, fewscanMs, peers }) =>
      [['fewscan', fewscanMs], ...Object.entries(peers)].map(([peer, ms]) => ({ work, peer, ratio: ms / fewscanMs })),
    );
  const plot = Plot.plot({
    document,
    width: 860,
    marginLeft: 190,
    marginRight: 170,
    style: { fontFamily: 'sans-serif', background: 'white' },
    x: { label: 'time of a step, in steps of Fewscan (float32)', grid: true },
    y: { label: null },
    fy: { label: null, domain: [...new Set(bars.map(({ work }) => work))] },
    marks: [
      Plot.barX(bars, {
        x: 'ratio',
        y: 'peer',
        fy: 'work',
        fill: (one) => (one.peer === 'fewscan' ? '#0072b2' : '#999999'),
      }),
      Plot.ruleX([1]),
    ],
  });
  plot.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  writeFileSync(path.replace(/json$/, 'svg'), plot.outerHTML);
}

if (process.argv[1] === import.meta.filename) await draw(join(import.meta.dirname, '../../docs/results/bench.json'));
