import type { Evidence } from '../../contract/evidence.ts';
import type { ComponentChoice } from '../../contract/model.ts';
import type { MethodChoice } from './choose-method.ts';
import type { ModelDraft } from './ports.ts';

/** The model card in Markdown: what it is for, what made it, what it was measured on, and what its method reached on scans of others. */
export function modelCard(record: ModelDraft['record'], evidence: Evidence): string {
  const { architecture, plan, training, structures, prior, metrics } = record;
  const mm = (values: readonly number[]) => values.map((value) => Number(value.toFixed(2))).join(' x ');
  const dice = metrics['heldOutDice'];
  return [
    `# ${record.name}`,
    '',
    'For research. Not a medical device: a person who knows the anatomy checks every result.',
    '',
    `- **Structures**: ${structures.map(({ name, label }) => `${name} (${label})`).join(', ')}`,
    `- **Channels**: ${record.channels.join(', ')}`,
    `- **Method**: ${record.method}, ${architecture.size} residual 3D U-Net, ${record.weights.kind} posterior${record.weights.members > 1 ? ` of ${record.weights.members}` : ''}`,
    ...(record.mixture
      ? [
          `- **Sites**: ${record.mixture.components.map(({ site, scans, weight }) => `${site} (${scans} scans, weight ${weight.toFixed(2)})`).join(', ')}; a sample's site is chosen by ${choiceWords[record.mixture.choice]}`,
        ]
      : []),
    ...choiceLine(metrics['methodChoice'] as MethodChoice | undefined), // as adapt writes it
    `- **Prior**: ${prior ? `${prior.name} (${prior.sha256.slice(0, 12)})` : 'none'}`,
    `- **Trained on**: ${training.scans.length} scans, ${training.steps} steps, ${Math.round(training.elapsedMs / 1000)} s, seed ${training.seed}`,
    `- **Held out**: ${training.heldOut.length} scans${typeof dice === 'number' ? `, mean Dice ${dice.toFixed(3)}` : ''}`,
    `- **Works on**: voxels of ${mm(plan.spacingMm)} mm, fields of view from ${mm(plan.fieldOfViewMm.low)} to ${mm(plan.fieldOfViewMm.high)} mm; larger images need a box`,
    '',
    ...evidenceLines(record, evidence),
    ...calibrationLine(record),
    'Intervals and maps come from sampled networks, each with a shift of its border whose size was chosen on development scans of the hippocampus. They know nothing of scans unlike those it was trained on.',
    '',
  ].join('\n');
}

/** A mixture is no method of the tables, and another prior would give other figures. */
function evidenceLines({ method, prior, mixture }: ModelDraft['record'], { targets }: Evidence): readonly string[] {
  const lines = targets.flatMap((target) => {
    const counts = Object.entries(target.dice[method] ?? {});
    if (mixture || counts.length === 0 || (prior && prior.sha256 !== target.prior)) return [];
    const figures = counts.map(
      ([scans, { mean, low, high, draws }]) =>
        `${scans} scans ${mean.toFixed(3)} (${low.toFixed(3)} to ${high.toFixed(3)}; ${draws} ${draws === 1 ? 'draw' : 'draws'})`,
    );
    return [`- **${target.title}**, ${target.testScans} test scans, ${target.budget}: ${figures.join(', ')}`];
  });
  const head =
    'What this method reached on scans of others, mean Dice with its 95 % interval by number of training scans:';
  return lines.length > 0 ? [head, '', ...lines, ''] : [];
}

function calibrationLine({ intervalCalibration: found, structures }: ModelDraft['record']): readonly string[] {
  if (!found) return [];
  const factors = structures.map(({ name }, place) => `${name} ${found.factors[place]!.toFixed(2)}`).join(', ');
  return [
    `Volume intervals are stretched by what ${found.folds}-fold cross-validation on ${found.scans} local scans showed (factors: ${factors}), meant to hold the truth of ${Math.round(100 * found.level)} % of scans like these.`,
    '',
  ];
}

const choiceLine = (choice: MethodChoice | undefined): readonly string[] => {
  if (!choice) return [];
  const figures = choice.methods.map(({ method, dice }) => `${method} ${dice.toFixed(3)}`).join(', ');
  return [`- **Method chosen by cross-validation** on these scans (${choice.folds} folds; mean Dice): ${figures}`];
};

const choiceWords: Readonly<Record<ComponentChoice, string>> = {
  weights: "the sites' weights",
  gate: 'what the scan looks like',
  entropy: 'the least doubt on the scan',
};
