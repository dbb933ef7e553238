import type { Reproduction, ReproductionSummary } from '../../../contract/reproduction.ts';

/** The tables of a reproduction for people: ours beside the published figures, then how it was made. Markdown. */
export function reproductionTable(reproduction: Reproduction): string {
  const { experiment, measure, counts, quick, runs, settings } = reproduction;
  const measures = { [measure]: reproduction.summary, ...reproduction.further };
  return [
    `# ${experiment}`,
    ...(quick ? ['', 'A quick form, made to show that the command works: its figures say nothing.'] : []),
    ...Object.entries(measures).flatMap(([name, summary]) => [
      '',
      `## ${name}`,
      '',
      `Mean (standard deviation over seeds; number of seeds), by ${counts}; in square brackets the authors' figure.`,
      '',
      ...table(summary, reproduction.published[name] ?? {}),
    ]),
    '',
    '## How it was made',
    '',
    ...Object.entries(settings).map(
      ([key, value]) => `- ${key}: ${typeof value === 'string' ? value : JSON.stringify(value)}`,
    ),
    ...runs.map(({ method, seed, rows, finished, elapsedMs, peakMemoryBytes, compute, appVersion }) => {
      const state = finished ? '' : `, not finished (${rows.length} rows)`;
      const time = `${(elapsedMs / 60_000).toFixed(1)} minutes, ${(peakMemoryBytes / 2 ** 30).toFixed(1)} GiB`;
      return `- ${method}, seed ${seed}: ${time}, ${compute.device}, ${compute.threads} threads, Fewscan ${appVersion}${state}`;
    }),
    '',
  ].join('\n');
}

function table(summary: ReproductionSummary, published: Reproduction['published'][string]): readonly string[] {
  const all = Object.entries(summary);
  const counts = [...new Set(all.flatMap(([, row]) => Object.keys(row)))].sort((a, b) => Number(a) - Number(b));
  const cell = (method: string, count: string): string => {
    const own = summary[method]?.[count];
    const theirs = published[method]?.[count];
    return `${own ? shown(own) : '-'}${theirs === undefined ? '' : ` [${theirs}]`}`;
  };
  return [
    `| method | ${counts.join(' | ')} |`,
    `|---|${counts.map(() => '---').join('|')}|`,
    ...all.map(([method]) => `| ${method} | ${counts.map((count) => cell(method, count)).join(' | ')} |`),
  ];
}

function shown({ mean, standardDeviation, seeds }: ReproductionSummary[string][string]): string {
  const digits = Math.abs(mean) < 10 ? 3 : 2;
  return `${mean.toFixed(digits)} (${standardDeviation === null ? '-' : standardDeviation.toFixed(digits)}; ${seeds})`;
}
