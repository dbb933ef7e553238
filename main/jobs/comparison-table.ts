import type { Comparison, ComparisonTable } from '../../contract/comparison.ts';
import { comparisonFigures } from './comparison-figures.ts';
import { budgetName } from './summarise-comparison.ts';

/** The comparison in Markdown: Dice and its differences for each budget, then every other figure. */
export function comparisonTable({ runs, otherBudgets, ...first }: Comparison): string {
  const lines = [
    '# Comparison of arms',
    '',
    'Mean Dice over structures, test scans and training draws, with 95 % bootstrap intervals over scans and draws; differences are paired,',
    'their p is corrected for all differences of a table (Holm). Calibration, AUROC and AUPRC are within 5 mm of the union of truth and prediction.',
    '',
  ];
  for (const ofBudget of [first, ...otherBudgets]) {
    const { budget, summary } = ofBudget;
    const rows = Object.entries(summary).flatMap(([arm, counts]) =>
      Object.keys(counts).map((scans) => ({
        arm,
        scans,
        cells: runs.filter((run) => run.arm === arm && String(run.scans) === scans && budgetName(run) === budget),
      })),
    );
    lines.push(`## ${budget}`, '', ...diceTable(ofBudget), ...comparisonFigures(rows));
  }
  const seconds = runs.reduce((sum, { training, predictionMs }) => sum + training.elapsedMs + predictionMs, 0) / 1000;
  lines.push(`${runs.length} runs, ${Math.round(seconds / 60)} minutes of training and prediction.`, '');
  return lines.join('\n');
}

function diceTable({ summary, differences }: ComparisonTable): readonly string[] {
  const lines = [
    '| arm | scans | draws | Dice | HD95 mm | 90 % interval holds | ECE | AUROC of entropy | minus RI | minus PR |',
    '|---|---|---|---|---|---|---|---|---|---|',
  ];
  for (const [arm, counts] of Object.entries(summary)) {
    for (const [scans, row] of Object.entries(counts)) {
      const against = (rival: string) => {
        const found = differences[`${arm}-${rival}`]?.[scans];
        return found
          ? `${signed(found.mean)} (${signed(found.low)} to ${signed(found.high)}; ${found.p === null ? 'one draw' : `p ${found.p.toFixed(3)}`})`
          : '';
      };
      const cells = [
        arm,
        scans,
        row.draws,
        `${row.mean.toFixed(4)} (${row.low.toFixed(4)} to ${row.high.toFixed(4)})`,
        shown(row.hd95Mm, 2),
        shown(row.intervalCoverage, 3),
        shown(row.ece, 4),
        shown(row.auroc, 4),
        against('ri'),
        against('pr'),
      ];
      lines.push(`| ${cells.join(' | ')} |`);
    }
  }
  return [...lines, ''];
}

const shown = (value: number | null, digits: number): string => (value === null ? '' : value.toFixed(digits));
const signed = (value: number): string => `${value >= 0 ? '+' : ''}${value.toFixed(4)}`;
