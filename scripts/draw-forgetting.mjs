// What a digit's likelihood loses from the end of its own task to the end of the last one, beside learning all digits at once:
// docs/results/boovae-forgetting.md, from the runs of `fewscan reproduce boovae` and `boovae-offline`. Usage: draw-forgetting.mjs [METHOD ...]
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const results = join(import.meta.dirname, '../docs/results');
const methods = process.argv.length > 2 ? process.argv.slice(2) : ['boo', 'boo+ewc', 'mog', 'ewc'];
const digits = Array.from({ length: 10 }, (_, digit) => digit);

const runsOf = (folder, method) =>
  readdirSync(join(results, folder))
    .filter((name) => name.startsWith(`${method}-seed-`) && name.endsWith('.json'))
    .map((name) => JSON.parse(readFileSync(join(results, folder, name), 'utf8')));
const average = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
const row = (name, values) =>
  `| ${[name, ...values, average(values)].map((x) => (typeof x === 'number' ? x.toFixed(1) : x)).join(' | ')} |`;

const lines = methods.flatMap((method) => {
  const runs = runsOf('boovae-mnist', method).filter(({ finished }) => finished);
  if (runs.length === 0) return [];
  const over = (at) => digits.map((digit) => average(runs.map(({ rows }) => rows[at(digit)].nllByClass[digit])));
  return [
    row(
      `${method}, after its own task (${runs.length})`,
      over((digit) => digit),
    ),
    row(
      `${method}, after the last task`,
      over(() => digits.length - 1),
    ),
  ];
});
const atOnce = ['boo', 'vamp'].flatMap((method) =>
  runsOf('boovae-offline', method).flatMap(({ seed, rows }) =>
    rows.map(({ components, nllByClass }) =>
      row(`${method}, all digits at once, ${components} components, seed ${seed}`, nllByClass),
    ),
  ),
);
const heading = [
  '# What each digit loses',
  '',
  'NLL on test images in nats an image, by digit; mean over seeds (their number). After its own task a digit is judged on its share of 1,000 images of all digits seen (all images after tasks two and five), after the last task on all of them. `node scripts/draw-forgetting.mjs`',
  '',
  `| | ${digits.join(' | ')} | mean |`,
  `|---|${'---|'.repeat(digits.length + 1)}`,
];
writeFileSync(join(results, 'boovae-forgetting.md'), `${[...heading, ...lines, ...atOnce].join('\n')}\n`);
