import type { CallOutput } from '../contract/app/calls.ts';
import type { JobState } from '../contract/app/job-state.ts';
import type { ScanEntry } from '../contract/app/scan-entry.ts';
import { AppError } from '../contract/errors/app-error.ts';
import { scansThatTrained } from '../contract/model.ts';
import { bridge, call, type DroppedFile, listen, pathsOf } from './connection.ts';

export type View = 'library' | 'review' | 'adapt' | 'models' | 'activity';

/**
 * What the whole window knows. Pages read it; changes come from the main process. Lists that are only replaced whole are watched as one: a
 * library of thousands is read without a watcher for each of its fields.
 */
class WindowState {
  view = $state<View>('library');
  isLoaded = $state(false);
  scans = $state.raw<ScanEntry[]>([]);
  models = $state.raw<CallOutput<'models/list'>>([]);
  priors = $state.raw<CallOutput<'priors/list'>>([]);
  jobs = $state<JobState[]>([]);
  /** Scan under review. */
  scan = $state<string>();
  /** Counts how often scans were opened anew. */
  openings = $state(0);
  /** Scan whose labels on the screen are older than those that are saved. */
  stale: string | undefined;
  /** A sentence for the user, and what became of it. */
  message = $state<{ readonly text: string; readonly isError: boolean }>();
}
export const app = new WindowState();

/** Asks and shows; an answer that comes after that of a later question is old, and dropped. */
function loader<Answer>(ask: () => Promise<Answer>, show: (answer: Answer) => void): () => Promise<void> {
  let asked = 0;
  let shown = 0;
  return async () => {
    const number = ++asked;
    const answer = await ask();
    if (number < shown) return;
    shown = number;
    show(answer);
  };
}
const loadScans = loader(
  () => call('library/list', {}),
  (scans) => {
    app.scans = scans;
  },
);
const loadModels = loader(
  () => call('models/list', {}),
  (models) => {
    app.models = models;
  },
);

export async function load(): Promise<void> {
  await attempt(async () => {
    await Promise.all([loadScans(), loadModels()]);
    app.priors = await call('priors/list', {});
    app.jobs = await call('jobs/list', {});
    app.isLoaded = true;
  });
}

export function start(): void {
  listen(
    {
      job: (job) => {
        const place = app.jobs.findIndex(({ id }) => id === job.id);
        if (place >= 0) app.jobs[place] = job;
        else app.jobs.unshift(job);
        if (job.status === 'failed' && job.error) say(withNames(job.error), true);
        if (job.status === 'done' && (job.request.kind === 'collect' || job.request.kind === 'combine'))
          sayCollected(job.result);
      },
      library: () =>
        void attempt(async () => {
          await loadScans();
          if (!app.scan || scanOf(app.scan)) return;
          app.scan = undefined; // removed, perhaps in another window
          if (app.view === 'review') app.view = 'library';
        }),
      models: () => void attempt(loadModels),
    },
    () => void load(),
  );
  void load();
  bridge?.onMenu((wish) => {
    if (wish === 'open-scans') void attempt(async () => addPaths(await bridge!.chooseScans()));
    else if (wish !== 'review' || app.scan) app.view = wish as View; // the menu names our pages
  });
  bridge?.onOpenFiles((paths) => void attempt(() => addPaths(paths)));
}

const isModel = (path: string): boolean => /\.fewscan-model$/i.test(path);

/** Takes in what lies at paths on this machine: models among them become versions, all else is read as scans. */
export async function addPaths(paths: readonly string[]): Promise<void> {
  for (const path of paths.filter(isModel)) {
    await call('models/import', { path });
    say('The model is here, as its newest version. See Models.');
  }
  const scans = paths.filter((path) => !isModel(path));
  if (scans.length === 0) return;
  await call('library/add', { paths: scans });
  say('Reading the scans.');
}

/** Takes in dropped or chosen files. */
export async function addFiles(files: readonly DroppedFile[]): Promise<void> {
  if (files.length === 0) return;
  app.message = undefined;
  await attempt(async () =>
    addPaths(await pathsOf(files, (sent) => say(`Taking in file ${sent + 1} of ${files.length}`))),
  );
}

function sayCollected(result: unknown): void {
  const {
    added = 0,
    gotLabels = 0,
    scans = [],
    problems = [],
  } = result as {
    added?: number;
    gotLabels?: number;
    scans?: readonly string[];
    problems?: readonly { name: string; message: string }[];
  };
  const known = scans.length - added;
  const parts = [
    `${added} scan${added === 1 ? '' : 's'} added`,
    ...(known > 0 ? [`${known} ${known === 1 ? 'was' : 'were'} there already`] : []),
    ...(gotLabels > 0 ? [`${gotLabels} of these got labels`] : []),
    ...problems.map(({ name, message }) => (message.startsWith(name) ? message : `${name}: ${message}`)),
  ];
  say(`${parts.join('. ')}${problems.length > 0 ? '' : '.'}`, problems.length > 0);
}

const shownMs = 6000;

/** A sentence on the screen; what is no error goes away by itself. */
export const say = (text: string, isError = false): void => {
  const message = { text, isError };
  app.message = message;
  if (!isError)
    setTimeout(() => {
      if (app.message?.text === text) app.message = undefined;
    }, shownMs);
};

/** A sentence of a job with scans by their names: jobs know them by their ids. */
export const withNames = (text: string): string => text.replace(/\b[0-9a-f]{12}\b/g, (id) => scanOf(id)?.name ?? id);

/** The same work once at a time: what a double click would do twice. */
export function single<Inputs extends unknown[]>(
  work: (...inputs: Inputs) => Promise<unknown>,
): (...inputs: Inputs) => Promise<void> {
  let isBusy = false;
  return async (...inputs) => {
    if (isBusy) return;
    isBusy = true;
    if (app.message?.isError) app.message = undefined; // of what was asked for before
    await attempt(() => work(...inputs));
    isBusy = false;
  };
}

/** Runs what a person asked for; a failure becomes a sentence on the screen. */
export async function attempt<Result>(work: () => Promise<Result>): Promise<Result | undefined> {
  try {
    return await work();
  } catch (error) {
    const isOurs = error instanceof AppError;
    say(
      isOurs
        ? error.message
        : `Something went wrong in Fewscan itself: ${error instanceof Error ? error.message : String(error)}`,
      true,
    );
    return undefined;
  }
}

export const openScan = (id: string): void => {
  if (app.stale === id) app.openings++; // open it anew, with the labels that are there now
  app.stale = undefined;
  app.scan = id;
  app.view = 'review';
};

export const scanOf = (id: string | undefined): ScanEntry | undefined => app.scans.find((scan) => scan.id === id);

/** The last result that a scan was given. */
export const newestResult = (scan: ScanEntry) => scan.results[0];

const isAmong = (scans: readonly { readonly imageSha256: string }[], { imageSha256 }: ScanEntry): boolean =>
  scans.some((one) => one.imageSha256.split('+').includes(imageSha256));

/** Whether a scan trained this model version: its figures there say nothing. */
export const hasTrained = (model: CallOutput<'models/list'>[number] | undefined, scan: ScanEntry): boolean =>
  model !== undefined && isAmong(scansThatTrained(model.record), scan);

/** Whether a scan was held out while this model version was trained, to check on it. */
export const wasHeldOut = (model: CallOutput<'models/list'>[number] | undefined, scan: ScanEntry): boolean =>
  model !== undefined && isAmong(model.record.training.heldOut, scan);

export const modelOf = ({ name, version }: { readonly name: string; readonly version: number }) =>
  app.models.find(({ record }) => record.name === name && record.modelVersion === version);
