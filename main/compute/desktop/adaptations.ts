import { randomBytes } from 'node:crypto';
import { copyFile, link, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { CallRequest } from '../../../contract/app/calls.ts';
import type { JobState } from '../../../contract/app/job-state.ts';
import type { ScanEntry } from '../../../contract/app/scan-entry.ts';
import { AppError } from '../../../contract/errors/app-error.ts';
import type { Forecast } from '../../../contract/forecast.ts';
import { type JobRequest, jobRequests } from '../../../contract/jobs.ts';
import { writeFileAtomically } from '../../storage/files/write-file.ts';
import type { FilePorts } from '../../storage/open-ports.ts';
import { recordText } from '../../storage/records/versioned-record.ts';
import { runJob } from '../run-job.ts';
import { inputFolder } from './job-inputs.ts';
import type { JobQueue } from './job-queue.ts';

/** What the app's calls work on. */
export interface House {
  readonly home: string;
  readonly resources: string;
  readonly ports: FilePorts;
  readonly queue: JobQueue;
}

/** A name that has a version keeps it in use until a person has seen both. */
export function startAdaptation(house: House, request: CallRequest<'adapt/start'>): Promise<JobState> {
  return startLearning(house, request, { title: `Adapting ${request.name}`, job: adaptation(request) });
}

/** The version before stays in use until a person has seen both. */
export function startUpdate(house: House, request: CallRequest<'update/start'>): Promise<JobState> {
  return startLearning(house, request, { title: `Teaching ${request.model} another site`, job: update(request) });
}

export const forecastAdaptation = (house: House, request: CallRequest<'adapt/start'>): Promise<Forecast> =>
  forecastLearning(house, request, adaptation(request));
export const forecastUpdate = (house: House, request: CallRequest<'update/start'>): Promise<Forecast> =>
  forecastLearning(house, request, update(request));

/** The job that learns from scans laid out in a folder. */
type LearningJob = (folder: string) => JobRequest<'adapt' | 'update'>;
interface ChosenScans {
  readonly scans: readonly string[];
}

async function startLearning(
  house: House,
  { scans }: ChosenScans,
  { title, job }: { readonly title: string; readonly job: LearningJob },
): Promise<JobState> {
  const folder = newFolder(house, 'learning'); // it stays until the job is done: a resumed one finds the same files
  await layOut(house, scans, folder);
  return house.queue.start({ title, request: job(folder) });
}

/** Time and memory, found by trying one step. */
async function forecastLearning(house: House, { scans }: ChosenScans, job: LearningJob): Promise<Forecast> {
  const { home, resources, queue } = house;
  const folder = newFolder(house, 'forecast');
  try {
    await layOut(house, scans, folder);
    const forecasting = { kind: 'forecast', of: job(folder) } as const;
    return await queue.whileIdle(() => runJob<'forecast'>(forecasting, { home, resources }));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

export async function startComparison(
  house: House,
  { name, versions, scans }: CallRequest<'models/compare'>,
): Promise<JobState> {
  const folder = newFolder(house, 'compare');
  await layOut(house, scans, folder);
  return house.queue.start({
    title: `Comparing ${name}@${versions[0]} and @${versions[1]}`,
    request: jobRequests['compare-versions'].parse({
      kind: 'compare-versions',
      name,
      versions,
      images: folder,
      labels: folder,
    }),
  });
}

const adaptation =
  ({ scans: _, ...settings }: CallRequest<'adapt/start'>): LearningJob =>
  (folder) =>
    jobRequests.adapt.parse({ ...settings, kind: 'adapt', images: folder, labels: folder, makeCurrent: false });

const update =
  ({ scans: _, version: modelVersion, ...settings }: CallRequest<'update/start'>): LearningJob =>
  (folder) =>
    jobRequests.update.parse({
      ...settings,
      kind: 'update',
      modelVersion,
      images: folder,
      labels: folder,
      makeCurrent: false,
    });

/** @throws AppError `library/pictures` for a scan in colour */
export function refusePictures({ name, pictures }: Pick<ScanEntry, 'name' | 'pictures'>): void {
  if (pictures) throw new AppError('library/pictures', { name });
}

/** Lays scans out as an nnU-Net data set of links, with the structures' names; cases are named by their scans' ids. */
async function layOut({ ports: { library } }: House, scans: readonly string[], folder: string): Promise<void> {
  const entries = await Promise.all(scans.map((id) => library.entry(id)));
  entries.forEach(refusePictures);
  const unlabelled = entries.filter(({ labels }) => !labels?.sha256);
  if (unlabelled.length > 0)
    throw new AppError('library/unlabelled', { names: unlabelled.map((one) => one.name).join(', ') });
  const [first] = entries;
  const others = entries.filter(({ components }) => components !== first!.components); // a call names one at least
  if (others.length > 0)
    throw new AppError('library/several-images', { names: [first!, ...others].map(({ name }) => name).join(', ') });
  const sequences = entries.map(({ channels }) => channels).filter((names) => names.length > 0);
  if (sequences.some((names) => names.join('\n') !== sequences[0]!.join('\n')))
    throw new AppError('library/other-sequences', {
      names: entries.map(({ name, channels }) => `${name} (${channels.join(', ') || 'not named'})`).join('; '),
    });
  for (const [image, below, suffix] of [
    ['image', 'imagesTr', '_0000'],
    ['labels', 'labelsTr', ''],
  ] as const) {
    await mkdir(join(folder, below), { recursive: true });
    for (const { id } of entries) {
      const path = library.pathOf(id, image);
      await linkFile(path, join(folder, below, `${id}${suffix}${path.endsWith('.gz') ? '.nii.gz' : '.nii'}`));
    }
  }
  const named = entries
    .flatMap(({ labels }) => labels!.structures)
    .filter(({ label, name }) => name !== `label ${label}`);
  for (const { label, name } of named) {
    const other = named.find((one) => one.label === label && one.name !== name);
    if (other) throw new AppError('library/other-structures', { label, names: `${other.name}, ${name}` });
  }
  const labels = Object.fromEntries(named.map((one) => [one.name, one.label]));
  await writeFileAtomically(join(folder, 'dataset.json'), recordText({ channel_names: { ...sequences[0] }, labels }));
}

const newFolder = ({ home }: House, use: string): string =>
  inputFolder(home, 'adaptations', `${use}-${Date.now()}-${randomBytes(3).toString('hex')}`);

/** A link keeps the file as it is now: labels that are saved later are new files. */
const linkFile = (from: string, to: string): Promise<void> => link(from, to).catch(() => copyFile(from, to));
