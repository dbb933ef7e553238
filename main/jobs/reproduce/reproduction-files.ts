import { AppError } from '../../../contract/errors/app-error.ts';
import {
  type Reproduction,
  type ReproductionRun,
  reproductionRunSchema,
  reproductionSchema,
} from '../../../contract/reproduction.ts';
import type { Ports } from '../ports.ts';
import { reproductionTable } from './reproduction-table.ts';

/** Where an experiment's results lie: `OUT/NAME.json`, table and plot beside it, and a file a run in the folder `OUT/NAME/`. */
export interface ReproductionPlace {
  readonly out: string;
  readonly name: string;
}

/** One method on one seed. */
export interface RunName {
  readonly method: string;
  readonly seed: number;
}

export const runFile = ({ out, name }: ReproductionPlace, { method, seed }: RunName, ending = '.json'): string =>
  `${out}/${name}/${method}-seed-${seed}${ending}`;

/** The run of this name, if it was begun with everything as `key` says; another one is not taken. */
export async function readRun(
  ports: Ports,
  place: ReproductionPlace,
  run: RunName & { readonly key: string },
): Promise<ReproductionRun | undefined> {
  const parsed = reproductionRunSchema.safeParse(await ports.results.readJson(runFile(place, run)));
  return parsed.success && parsed.data.key === run.key ? parsed.data : undefined;
}

/** All runs of the folder that are what the present settings would give, by method in the order given, then by seed. */
export async function readRuns(
  ports: Ports,
  place: ReproductionPlace,
  { methods, keyOf }: { readonly methods: readonly string[]; readonly keyOf: (run: RunName) => string },
): Promise<readonly ReproductionRun[]> {
  const runs: ReproductionRun[] = [];
  for (const file of await ports.results.list(`${place.out}/${place.name}`)) {
    const [, method, seed] = /^(.+)-seed-(\d+)\.json$/.exec(file) ?? [];
    if (method === undefined || !methods.includes(method)) continue;
    const name = { method, seed: Number(seed) };
    const run = await readRun(ports, place, { ...name, key: keyOf(name) });
    if (run) runs.push(run);
  }
  return runs.sort((a, b) => methods.indexOf(a.method) - methods.indexOf(b.method) || a.seed - b.seed);
}

/** Writes the JSON and draws table and plot from it. */
export async function writeReproduction(
  ports: Ports,
  { out, name }: ReproductionPlace,
  reproduction: Reproduction,
): Promise<void> {
  await ports.results.writeJson(`${out}/${name}.json`, reproduction);
  await ports.results.writeText(`${out}/${name}.md`, reproductionTable(reproduction));
  await ports.results.writeReproductionPlot(`${out}/${name}.svg`, reproduction);
}

/** Table and plot anew from the JSON. @throws AppError `reproduce/no-results` */
export async function redraw(ports: Ports, place: ReproductionPlace): Promise<Reproduction> {
  const file = `${place.out}/${place.name}.json`;
  const parsed = reproductionSchema.safeParse(await ports.results.readJson(file));
  if (!parsed.success) throw new AppError('reproduce/no-results', { file });
  await writeReproduction(ports, place, parsed.data);
  return parsed.data;
}
