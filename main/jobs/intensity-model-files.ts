import { AppError } from '../../contract/errors/app-error.ts';
import type { JobRequest } from '../../contract/jobs.ts';
import { decodeNpy, type NpyArray } from '../imaging/npy/decode-npy.ts';
import type { IntensityModel, MeasuredIntensities } from '../numerics/synthesis/intensity-model.ts';
import type { ResultFolders } from './result-ports.ts';

const labelsFile = 'generation_labels.npy';
const classesFile = 'generation_classes.npy';
/** The columns of the measured intensities are these classes, not those for random contrasts. */
const measuredClassesFile = 'generation_classes_contrast_specific.npy';
const meansFile = 'prior_means_t1.npy';
const deviationsFile = 'prior_stds_t1.npy';

interface FileReading {
  readonly results: Pick<ResultFolders, 'readBytes'>;
}

/**
 * Reads the intensity classes and statistics that lie beside SynthSeg's label maps: in `priors`, else in the maps' folder,
 * else in `labels_classes_priors` beside it.
 * @throws AppError `synthesis/no-measured-intensities` where the request needs them and they are not there
 */
export async function readIntensityModel(
  { results }: FileReading,
  request: JobRequest<'synthesize'>,
): Promise<IntensityModel> {
  const folder = await findFolder(results, request);
  const read = async (name: string): Promise<NpyArray | undefined> => {
    const bytes = folder === undefined ? undefined : await results.readBytes(`${folder}/${name}`);
    return bytes && decodeNpy(bytes, name);
  };
  const labels = await read(labelsFile);
  const classes = await read(classesFile);
  const forRandom =
    labels && classes && folder !== undefined ? pair(labels, classes, folder) : new Map<number, number>();
  if (request.intensities === 'random') return { classes: forRandom };
  const need = (name: string, array: NpyArray | undefined): NpyArray => {
    if (!array)
      throw new AppError('synthesis/no-measured-intensities', {
        folder: request.priors ?? request.labels,
        missing: name,
      });
    return array;
  };
  const columns = need(classesFile, (await read(measuredClassesFile)) ?? classes);
  const means = need(meansFile, await read(meansFile));
  const deviations = need(deviationsFile, await read(deviationsFile));
  const measured: MeasuredIntensities = {
    classes: pair(need(labelsFile, labels), columns, folder!),
    means: rows(means, meansFile, folder!),
    deviations: rows(deviations, deviationsFile, folder!),
  };
  refuseMissingColumns(measured, folder!);
  return { classes: forRandom, measured };
}

async function findFolder(
  results: FileReading['results'],
  { priors, labels }: JobRequest<'synthesize'>,
): Promise<string | undefined> {
  if (priors !== undefined) return priors;
  const parent = labels.replace(/[\\/]+$/, '').replace(/[\\/][^\\/]*$/, '');
  for (const folder of [labels, `${parent}/labels_classes_priors`, parent]) {
    if (await results.readBytes(`${folder}/${labelsFile}`)) return folder;
  }
  return undefined;
}

function pair(labels: NpyArray, classes: NpyArray, folder: string): ReadonlyMap<number, number> {
  if (labels.values.length !== classes.values.length) {
    throw new AppError('synthesis/priors-mismatch', {
      folder,
      reason: `${labels.values.length} labels, ${classes.values.length} classes`,
    });
  }
  return new Map(Array.from(labels.values, (label, n) => [label, classes.values[n]!]));
}

function rows({ shape, values }: NpyArray, name: string, folder: string): readonly (readonly [number, number])[] {
  if (shape.length !== 2 || shape[0] !== 2)
    throw new AppError('synthesis/priors-mismatch', { folder, reason: `${name} must have two rows` });
  const columns = shape[1]!;
  return Array.from({ length: columns }, (_, n) => [values[n]!, values[columns + n]!]);
}

function refuseMissingColumns({ classes, means, deviations }: MeasuredIntensities, folder: string): void {
  const greatest = Math.max(...classes.values());
  const columns = Math.min(means.length, deviations.length);
  if (greatest >= columns)
    throw new AppError('synthesis/priors-mismatch', {
      folder,
      reason: `class ${greatest}, but intensities of ${columns} classes`,
    });
}
