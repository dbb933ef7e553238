import {
  type Comparison,
  type ComparisonCell,
  comparisonCellSchema,
  type Opening,
  openingSchema,
} from '../../contract/comparison.ts';
import { AppError } from '../../contract/errors/app-error.ts';
import type { JobRequest } from '../../contract/jobs.ts';
import { derive, rootKey, shuffled } from '../numerics/tensors/random.ts';
import { calibratedSamples } from './calibrate-intervals.ts';
import { runCell } from './compare-cell.ts';
import { comparisonTable } from './comparison-table.ts';
import { fewestScans } from './cross-validation.ts';
import { type Cell, type CellPlan, isOutcomeOf } from './finished-cell.ts';
import type { JobContext, LabelledCase, LabelledDataset, Ports, StoredPrior } from './ports.ts';
import { summariseComparison } from './summarise-comparison.ts';
import { parseRecipe } from './training-recipe.ts';

/**
 * Trains the arms on the same scans with the same recipe and budget, and judges them on the same test scans. Each finished cell is
 * a file at once (`OUT/cells/`); a killed comparison goes on where it was. Table, plot and `comparison.json` are drawn from the cells.
 * @throws AppError `compare/selection`, `compare/overlap`, `compare/no-cells`, and those of adapting
 */
export async function compare(ports: Ports, context: JobContext, request: JobRequest<'compare'>): Promise<Comparison> {
  if (!request.draw) await runCells(ports, context, request);
  const cells = await readCells(ports, request.out);
  if (cells.length === 0) throw new AppError('compare/no-cells', { folder: request.out });
  const comparison = summariseComparison(cells);
  await ports.results.writeJson(`${request.out}/comparison.json`, comparison);
  await ports.results.writeText(`${request.out}/comparison.md`, comparisonTable(comparison));
  await ports.results.writeComparisonPlot(`${request.out}/comparison.svg`, comparison);
  await ports.results.writeMinutesPlot(`${request.out}/minutes.svg`, comparison);
  return comparison;
}

async function runCells(ports: Ports, context: JobContext, request: JobRequest<'compare'>): Promise<void> {
  const { dataset, pool, test, prior, shared } = await prepare(ports, request);
  const cells = shardOf(cellsOf(request), request.shard);
  await logOpening(ports, request.out, { ...shared, trainFrom: names(pool) });
  for (const [done, cell] of cells.entries()) {
    const note = `${cell.arm}, ${cell.scans} scans, seed ${cell.seed}`;
    context.report({ phase: 'comparing', done, total: cells.length, unit: 'cells', note });
    const training = drawScans(pool, cell);
    const path = `${request.out}/cells/${fileOf(cell, shared.budget)}`;
    const earlier = comparisonCellSchema.safeParse(await ports.results.readJson(path));
    const plan = { ...shared, cell, training: names(training), calibrate: request.calibrate };
    if (earlier.success && isOutcomeOf(earlier.data, plan, ports.runs.keyOf)) continue;
    const { budget } = shared;
    const finished = await runCell(ports, context, { cell, dataset, training, test, prior, request, budget });
    await ports.results.writeJson(path, finished.record);
    for (const runKey of finished.runKeys) await ports.runs.finish(runKey, { ...cell });
  }
}

interface Preparation {
  readonly dataset: LabelledDataset;
  readonly pool: readonly LabelledCase[];
  readonly test: readonly LabelledCase[];
  readonly prior: StoredPrior;
  /** What all cells share and their outcome depends on. */
  readonly shared: Omit<CellPlan, 'cell' | 'training' | 'calibrate'>;
}

async function prepare(ports: Ports, request: JobRequest<'compare'>): Promise<Preparation> {
  const dataset = await ports.scans.readDataset(request);
  const pool = select(dataset.cases, request.trainFrom);
  const test = select(dataset.cases, request.testOn);
  const both = names(pool.filter((one) => test.includes(one)));
  if (both.length > 0) throw new AppError('compare/overlap', { names: both.join(', ') });
  const most = Math.max(...request.scans);
  if (pool.length < most) throw new AppError('data/too-few-scans', { found: pool.length, needed: most });
  refuseFewScans(request);
  const prior = await ports.priors.load(request.prior);
  const budget = request.minutes === undefined ? { steps: request.steps ?? 1000 } : { minutes: request.minutes };
  const settings = parseRecipe(request.settings);
  const shared = { budget, test: names(test), prior: prior.sha256, samples: request.samples, settings };
  return { dataset, pool, test, prior, shared };
}

/** What takes the training scans apart needs two for each half, and calibrated intervals the samples of a 90 % interval. */
function refuseFewScans({ scans, methods, calibrate, samples }: JobRequest<'compare'>): void {
  const found = Math.min(...scans);
  if ((calibrate || methods.includes('auto')) && found < fewestScans)
    throw new AppError('data/too-few-scans', { found, needed: fewestScans });
  if (calibrate && samples < calibratedSamples)
    throw new AppError('job/settings', { key: 'samples', problem: `calibrated intervals need ${calibratedSamples}` });
}

/** Says, once for each protocol, that the test scans are looked at from now on. */
async function logOpening(
  ports: Ports,
  out: string,
  shared: Preparation['shared'] & Pick<Opening, 'trainFrom'>,
): Promise<void> {
  const protocol = ports.runs.keyOf(shared);
  const path = `${out}/openings/${protocol}.json`;
  if (openingSchema.safeParse(await ports.results.readJson(path)).success) return;
  const opening: Opening = {
    version: 1,
    protocol,
    openedAt: new Date().toISOString(),
    ...shared,
    test: [...shared.test],
  };
  await ports.results.writeJson(path, opening);
}

const names = (cases: readonly LabelledCase[]): string[] => cases.map(({ name }) => name);

/** Arms innermost, so that a comparison that was stopped early has whole rows. */
export const cellsOf = ({
  methods,
  scans,
  seeds,
}: Pick<JobRequest<'compare'>, 'methods' | 'scans' | 'seeds'>): readonly Cell[] =>
  seeds.flatMap((seed) => scans.flatMap((count) => methods.map((arm): Cell => ({ arm, scans: count, seed }))));

export const shardOf = <Item>(
  items: readonly Item[],
  { part, of }: { readonly part: number; readonly of: number },
): readonly Item[] => items.filter((_, n) => n % of === part);

/** The first scans of one random order for each seed: nested over numbers of scans, the same for every arm. */
export function drawScans(
  pool: readonly LabelledCase[],
  { scans, seed }: Pick<Cell, 'scans' | 'seed'>,
): readonly LabelledCase[] {
  return shuffled(derive(rootKey(seed), 'draw'), pool.length)
    .slice(0, scans)
    .map((n) => pool[n]!);
}

const fileOf = ({ arm, scans, seed }: Cell, budget: object): string =>
  `${arm}-${scans}-scans-seed-${seed}-${Object.entries(budget)
    .map(([unit, amount]) => `${amount}-${unit}`)
    .join('')}.json`;

/** Names, or positions in name order from 1 such as `41-140`, separated by commas. */
export function select(cases: readonly LabelledCase[], selection: string): readonly LabelledCase[] {
  const ordered = [...cases].sort((a, b) => (a.name < b.name ? -1 : 1));
  const chosen = new Set<LabelledCase>();
  for (const part of selection.split(',').map((text) => text.trim())) {
    const [, first, last] = /^(\d+)(?:-(\d+))?$/.exec(part) ?? [];
    const found =
      first === undefined
        ? ordered.filter(({ name }) => name === part)
        : ordered.slice(Number(first) - 1, Number(last ?? first));
    if (found.length === 0) throw new AppError('compare/selection', { selection: part, count: cases.length });
    for (const one of found) chosen.add(one);
  }
  return ordered.filter((one) => chosen.has(one));
}

async function readCells(ports: Ports, out: string): Promise<readonly ComparisonCell[]> {
  const cells: ComparisonCell[] = [];
  for (const file of await ports.results.list(`${out}/cells`)) {
    const parsed = comparisonCellSchema.safeParse(await ports.results.readJson(`${out}/cells/${file}`));
    if (parsed.success) cells.push(parsed.data);
  }
  return cells;
}
