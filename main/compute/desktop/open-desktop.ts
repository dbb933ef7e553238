import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CallRequest, EventName, EventPayload } from '../../../contract/app/calls.ts';
import { type Answer, type Handlers, serve } from '../../../contract/app/connection.ts';
import { AppError } from '../../../contract/errors/app-error.ts';
import { type JobRequest, jobRequests } from '../../../contract/jobs.ts';
import { readAppSettings, saveAppSettings } from '../../storage/app-settings.ts';
import { readEvidence } from '../../storage/evidence.ts';
import { homeFolder, resourcesFolder } from '../../storage/folders.ts';
import { listLicences } from '../../storage/licences.ts';
import { openPorts } from '../../storage/open-ports.ts';
import { ownPackage } from '../../storage/package-folder.ts';
import { childDecoder } from '../decode-in-child.ts';
import { runJob } from '../run-job.ts';
import {
  forecastAdaptation,
  forecastUpdate,
  type House,
  refusePictures,
  startAdaptation,
  startComparison,
  startUpdate,
} from './adaptations.ts';
import { downloadOf } from './downloads.ts';
import type { Download } from './encoded-file.ts';
import { pathsOf, removeInputs, removeStrayInputs } from './job-inputs.ts';
import { openJobQueue } from './job-queue.ts';
import { readPicture } from './job-records.ts';
import { openVoxelRoutes, type VoxelRoutes } from './voxel-routes.ts';

export interface DesktopSettings {
  readonly home?: string;
  readonly resources?: string;
  /** Told whether a job computes: a machine must not sleep then. One computes at a time. */
  onWorking?(isWorking: boolean): void;
  /** Tells every window. */
  emit<Name extends EventName>(name: Name, payload: EventPayload<Name>): void;
}

/** The app without its shell: what Electron and the browser's server both stand before. */
export interface Desktop {
  call(name: string, input: unknown): Promise<Answer>;
  readonly voxels: VoxelRoutes;
  /** Of a held-out scan while a training goes on, PNG: `JOB/STEP`. */
  picture(path: string): Promise<Uint8Array>;
  /** Small picture of a scan, PNG. */
  thumbnail(scan: string): Promise<Uint8Array>;
  /** A file to keep: `scan/ID/labels.nii.gz`, `scan/ID/labels.nrrd`, `scan/ID/report/RESULT`, `scan/ID/uncertainty/RESULT`, `model/NAME/VERSION`. */
  download(path: string): Promise<Download>;
  readonly home: string;
  /** Stops the job that runs, which can go on after the next start. */
  close(): Promise<void>;
}

/** Newest entries of the audit log that a window lists; all are in its file. */
const auditShown = 500;

type Ports = House['ports'];

export async function openDesktop({
  home = homeFolder(),
  resources = resourcesFolder(),
  emit,
  onWorking,
}: DesktopSettings): Promise<Desktop> {
  const ports = openPorts(home, resources, childDecoder);
  const shown = new Map<string, number | undefined>(); // samples of each segmentation's maps that windows know
  const queue = await openJobQueue({
    home,
    resources,
    onChange: (job) => {
      emit('job', job);
      onWorking?.(queue.list().some(({ status }) => status === 'running'));
      if (job.request.kind === 'segment') {
        const isNew = job.progress?.shown !== shown.get(job.id) || job.status !== 'running';
        shown.set(job.id, job.progress?.shown);
        if (isNew) emit('library', {});
      }
      if (job.status !== 'done') return;
      void removeInputs(home, pathsOf(job)).catch(() => undefined); // at the next start then
      if (job.request.kind === 'adapt' || job.request.kind === 'update') emit('models', {});
      if (job.request.kind === 'collect' || job.request.kind === 'combine') emit('library', {});
    },
  });
  await removeStrayInputs(home, queue.list());
  const house = { home, resources, ports, queue };
  const handlers: Handlers = {
    ...libraryHandlers(house, () => emit('library', {})),
    ...modelHandlers(house, () => emit('models', {})),
    ...jobHandlers(house),
    'audit/list': async () => (await ports.audit.entries()).slice(-auditShown).reverse(),
    'settings/get': () => readAppSettings(home),
    'settings/set-keys': async ({ keys }) => {
      const settings = { ...(await readAppSettings(home)), keys };
      await saveAppSettings(home, settings);
      return settings;
    },
    about: async () => {
      const { version, folder } = ownPackage();
      return { version, home, notice: await readFile(join(folder, 'NOTICE'), 'utf8') };
    },
    evidence: () => readEvidence(resources),
    licences: () => listLicences(ownPackage().folder),
    doctor: async () => runJob<'doctor'>({ kind: 'doctor' }, { home, resources }),
  };
  return {
    call: serve(handlers),
    voxels: openVoxelRoutes(ports.library, ports.scans.readVolume, () => emit('library', {})),
    picture: (path) => readPicture(home, path),
    thumbnail: (scan) => ports.library.thumbnail(scan),
    download: (path) => downloadOf(ports, path),
    home,
    close: () => queue.close(),
  };
}

type Part<Prefix extends string> = Pick<Handlers, Extract<keyof Handlers, `${Prefix}/${string}`>>;

function libraryHandlers({ resources, ports, queue }: House, changed: () => void): Part<'library'> {
  const { audit, library } = ports;
  const afterwards = async <Value>(value: Promise<Value>): Promise<Value> => {
    const known = await value;
    changed();
    return known;
  };
  return {
    'library/list': async () => [...(await library.list())],
    'library/add': async ({ paths }) =>
      queue.start({ title: 'Opening scans', request: jobRequests.collect.parse({ kind: 'collect', inputs: paths }) }),
    'library/combine': async ({ name, channels }) => {
      const entries = await Promise.all(channels.map(({ id }) => library.entry(id)));
      entries.forEach(refusePictures);
      const several = entries.filter(({ components }) => components > 1);
      if (several.length > 0)
        throw new AppError('library/several-images', { names: several.map(({ name }) => name).join(', ') });
      const labelled = entries.find(({ labels }) => labels?.sha256);
      return queue.start({
        title: `Putting ${name} together`,
        request: jobRequests.combine.parse({
          kind: 'combine',
          name,
          channels: channels.map((channel) => ({ name: channel.name, image: library.pathOf(channel.id, 'image') })),
          ...(labelled && {
            labels: library.pathOf(labelled.id, 'labels'),
            structures: labelled.labels!.structures,
          }),
        }),
      });
    },
    'library/add-demo': async () =>
      queue.start({
        title: 'Opening the demo scans',
        request: jobRequests.collect.parse({
          kind: 'collect',
          inputs: [join(resources, 'demo'), join(resources, 'demo', 'imagesTs')],
          labels: join(resources, 'demo'),
        }),
      }),
    'library/update': async ({ id, ...change }) => {
      if (change.review) {
        const { labels } = await library.entry(id);
        await audit.record('scan/review', { scan: id, review: change.review, labelsSha256: labels?.sha256 ?? '' });
      }
      return afterwards(library.update(id, withoutUndefined(change)));
    },
    'library/remove': async ({ id }) => {
      await queue.endAllFor(id); // or its result would come after it is gone
      await audit.record('scan/remove', { scan: id });
      await afterwards(library.remove(id));
      return {};
    },
    'library/set-structures': ({ id, structures }) => afterwards(library.setStructures(id, structures)),
  };
}

function modelHandlers(
  { home, ports: { models, priors } }: House,
  changed: () => void,
): Omit<Part<'models'>, 'models/compare'> & Part<'priors'> {
  const done = async (work: Promise<unknown>) => {
    await work;
    changed();
    return {};
  };
  return {
    'models/list': async () => [...(await models.list())],
    'models/card': async ({ name, version }) => ({ card: await models.card(name, version) }),
    'models/use': ({ name, version }) => done(models.use(name, version)),
    'models/roll-back': ({ name }) => done(models.rollBack(name)),
    'models/import': ({ path }) => done(models.importFrom(path).then(() => removeInputs(home, [path]))),
    'models/remove': ({ name, version }) => done(models.remove(name, version)),
    'priors/list': async () => [...(await priors.list())],
  };
}

function jobHandlers(
  house: House,
): Part<'jobs'> & Part<'segment'> & Part<'adapt'> & Part<'update'> & Pick<Handlers, 'models/compare'> {
  const { queue, home, resources, ports } = house;
  return {
    'jobs/list': async () => [...queue.list()],
    'jobs/cancel': async ({ id }) => {
      queue.cancel(id);
      return {};
    },
    'jobs/pause': async ({ id }) => {
      queue.pause(id);
      return {};
    },
    'jobs/resume': async ({ id }) => queue.resume(id),
    'segment/forecast': async (request) => {
      refusePictures(await ports.library.entry(request.scan));
      const forecasting = { kind: 'forecast', of: segmentation(ports, request, join(home, 'forecast')) } as const;
      return queue.whileIdle(() => runJob<'forecast'>(forecasting, { home, resources }));
    },
    'segment/start': async (request) => {
      const scan = await ports.library.entry(request.scan);
      refusePictures(scan);
      return queue.start({
        title: `Segmenting ${scan.name}`,
        request: segmentation(ports, request, ports.library.newResult(request.scan)),
        scan: request.scan,
      });
    },
    'adapt/forecast': (request) => forecastAdaptation(house, request),
    'adapt/start': (request) => startAdaptation(house, request),
    'update/forecast': (request) => forecastUpdate(house, request),
    'update/start': (request) => startUpdate(house, request),
    'models/compare': (request) => startComparison(house, request),
  };
}

const segmentation = (
  { library }: Ports,
  { scan, model, version, samples, boxRasMm }: CallRequest<'segment/start'>,
  out: string,
): JobRequest<'segment'> =>
  jobRequests.segment.parse({
    kind: 'segment',
    inputs: [library.pathOf(scan, 'image')],
    model,
    modelVersion: version,
    samples,
    boxRasMm,
    out,
    keepSamples: true,
    interim: true,
  });

const withoutUndefined = <Value extends object>(value: Value) =>
  Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as {
    [Key in keyof Value]?: Exclude<Value[Key], undefined>;
  };
