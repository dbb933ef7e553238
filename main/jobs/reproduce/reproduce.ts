import { AppError } from '../../../contract/errors/app-error.ts';
import type { JobRequest } from '../../../contract/jobs.ts';
import type { Reproduction } from '../../../contract/reproduction.ts';
import type { JobContext, Ports } from '../ports.ts';
import { boovae } from './boovae.ts';
import { boovaeOffline } from './boovae-offline.ts';
import { dwpPlane } from './dwp-2d.ts';
import { mpviToy } from './mpvi-toy.ts';
import { priorUpdate } from './prior-update.ts';
import { siteUpdate } from './site-update.ts';
import { splitMnist } from './split-mnist.ts';

/** Runs what of an experiment is not there yet, and draws its results. */
export type Experiment = (ports: Ports, context: JobContext, request: JobRequest<'reproduce'>) => Promise<Reproduction>;

const experiments: ReadonlyMap<string, Experiment> = new Map([
  ['mpvi-toy', mpviToy],
  ['split-mnist', splitMnist],
  ['boovae', boovae],
  ['boovae-offline', boovaeOffline],
  ['site-update', siteUpdate],
  ['dwp-2d', dwpPlane],
  ['prior-update', priorUpdate],
]);

/** An experiment of the methods' authors, made again. @throws AppError of the reproduce area */
export function reproduce(ports: Ports, context: JobContext, request: JobRequest<'reproduce'>): Promise<Reproduction> {
  const experiment = experiments.get(request.experiment);
  if (!experiment)
    throw new AppError('reproduce/no-experiment', {
      name: request.experiment,
      known: [...experiments.keys()].join(', '),
    });
  return experiment(ports, context, request);
}
