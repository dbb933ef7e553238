import type { BackEndFinding } from '../../contract/doctor.ts';
import type { JobKind, JobRequest } from '../../contract/jobs.ts';
import { adapt } from '../jobs/adapt.ts';
import { collect } from '../jobs/collect.ts';
import { combine } from '../jobs/combine.ts';
import { compare } from '../jobs/compare.ts';
import { compareVersions } from '../jobs/compare-versions.ts';
import { consolidate } from '../jobs/consolidate.ts';
import { demo } from '../jobs/demo.ts';
import { evaluate } from '../jobs/evaluate.ts';
import { forecast } from '../jobs/forecast.ts';
import { importScans } from '../jobs/import-scans.ts';
import { learnPrior } from '../jobs/learn-prior.ts';
import type { JobContext } from '../jobs/ports.ts';
import { segment } from '../jobs/segment.ts';
import { synthesize } from '../jobs/synthesize.ts';
import { trainSource } from '../jobs/train-source.ts';
import { update } from '../jobs/update.ts';
import { updatePrior } from '../jobs/update-prior.ts';
import type { FilePorts } from '../storage/open-ports.ts';
import { doctor } from './doctor.ts';
import type { machineOf } from './machine.ts';

/** What a job runs with. */
export interface JobHouse {
  readonly ports: FilePorts & { readonly machine: ReturnType<typeof machineOf> };
  readonly context: JobContext;
  readonly findings: readonly BackEndFinding[];
}

/** Every job by its kind: the one place where shells, jobs and files meet. */
const jobs = {
  doctor: ({ ports, findings }) => doctor(ports, findings),
  synthesize: ({ ports, context }, request) => synthesize(ports, context, request),
  'train-source': ({ ports, context }, request) => trainSource(ports, context, request),
  'learn-prior': ({ ports, context }, { update: of, ...request }) =>
    of === undefined ? learnPrior(ports, context, request) : updatePrior(ports, context, { ...request, update: of }),
  adapt: ({ ports, context }, request) => adapt(ports, context, request),
  update: ({ ports, context }, request) => update(ports, context, request),
  'compare-versions': ({ ports, context }, request) => compareVersions(ports, context, request),
  consolidate: ({ ports, context }, request) => consolidate(ports, context, request),
  segment: ({ ports, context }, request) => segment(ports, context, request),
  import: ({ ports, context }, request) => importScans(ports, context, request),
  collect: ({ ports, context }, request) => collect(ports, context, request),
  combine: ({ ports, context }, request) => combine(ports, context, request),
  evaluate: ({ ports, context }, request) => evaluate(ports, context, request),
  compare: ({ ports, context }, request) => compare(ports, context, request),
  demo: ({ ports, context }, request) => demo(ports, context, request),
  reproduce: async ({ ports, context }, request) => {
    const { reproduce } = await import('../jobs/reproduce/reproduce.ts'); // a quarter of all code
    return reproduce(ports, context, request);
  },
  forecast: ({ ports, context }, request) => forecast(ports, context, request),
} as const satisfies { readonly [Kind in JobKind]: (house: JobHouse, request: JobRequest<Kind>) => Promise<unknown> };

/** The result of a job of a kind. */
export type JobResult<Kind extends JobKind> = Awaited<ReturnType<(typeof jobs)[Kind]>>;

const withoutTensors: readonly JobKind[] = ['synthesize', 'collect', 'combine', 'evaluate', 'import'];
export const needsTensors = (kind: JobKind): boolean => !withoutTensors.includes(kind);

export const performJob = (house: JobHouse, request: JobRequest): Promise<unknown> =>
  (jobs[request.kind] as (house: JobHouse, request: JobRequest) => Promise<unknown>)(house, request); // the kind pairs job and request
