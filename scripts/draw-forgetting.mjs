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

/** Digits whose own task is judged on all of their test images: with the others the share is MNIST's first images, harder ones than the rest for some digits. */
const isJudgedWhole = (digit) => [0, 1, 4, 9].includes(digit);

const lines = methods.flatMap((method) => {
  const runs = runsOf('boovae-mnist', method).filter(({ finished }) => finished);
  if (runs.length === 0) return [];
  const after = (task) => digits.map((digit) => average(runs.map(({ rows }) => rows[task(digit)].nllByClass[digit])));
  const last = after(() => digits.length - 1);
  const own = after((digit) => digit);
  const onLike = after((digit) => (isJudgedWhole(digit) ? digits.length - 1 : digits.length - 2));
  const lost = digits.map((digit) => onLike[digit] - own[digit]);
  return [
    row(
      `${method}, after its own task (${runs.length})`,
      digits.map((digit) => last[digit] - lost[digit]),
    ),
    row(`${method}, after the last task`, last),
    row(`${method}, lost`, lost),
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
  'NLL on test images in nats an image, by digit; mean over seeds (their number). What is lost is measured on like images: digits 0, 1, 4 and 9 on all of theirs after their own task and after the last; the others, whose own task is judged on the first images of the test file, on its first images after the ninth. "After its own task" is the figure after the last task without what was lost. `node scripts/draw-forgetting.mjs`',
  '',
  `| | ${digits.join(' | ')} | mean |`,
  `|---|${'---|'.repeat(digits.length + 1)}`,
];
writeFileSync(join(results, 'boovae-forgetting.md'), `${[...heading, ...lines, ...atOnce].join('\n')}\n`);
