import { z } from 'zod';
import { AppError } from '../../../contract/errors/app-error.ts';
import type { BoostingSettings } from '../../numerics/continual/boosting.ts';
import type { MlpVaeShape } from '../../numerics/models/mlp-vae.ts';
import type { DigitData } from './digit-images.ts';
import { parseSettings } from './parse-settings.ts';

const positive = z.number().int().positive();

/** The methods that are compared: prior, and whether elastic anchors hold the weights. */
export const boovaeMethods = ['standard', 'ewc', 'mog', 'vamp', 'boo', 'boo+ewc'] as const;
export type BoovaeMethod = (typeof boovaeMethods)[number];

/** Everything that a run's outcome depends on beside data, method, tasks and seed. Stored with each run. */
export const boovaeSettingsSchema = z.strictObject({
  width: positive,
  latent: positive.default(40),
  /** The encoder's log-variance is clamped to this. */
  logVarianceRange: z.tuple([z.number(), z.number()]),
  batch: positive.default(250),
  rate: z.number().positive().default(1e-3),
  /** Epochs of a task at most. */
  epochs: positive.default(60),
  /** The KL's weight rises linearly to 1 over so many epochs. */
  warmUp: positive.default(10),
  /** Stops where the validation bound of the present task has not fallen for so many epochs; the best epoch's weights are kept. */
  patience: positive.default(15),
  /** The rate is halved where it has not fallen for so many. */
  plateau: positive.default(6),
  /** Components a task. */
  components: positive.default(15),
  /** |M|: images that stand for a task's aggregate posterior at an addition. */
  subset: positive.default(1000),
  /** Epochs before the first addition, and from one to the next. */
  firstAddition: positive.default(1),
  additionEvery: positive.default(2),
  componentSteps: positive.default(300),
  componentRate: z.number().positive().default(1e-2),
  componentDraws: positive.multipleOf(2).default(4),
  window: positive.default(25),
  tolerance: z.number().nonnegative().default(0.05),
  lambda: z.number().positive().default(1),
  weights: z.enum(['equal', 'optimised', 'refitted']).default('refitted'),
  neighbours: z.number().int().nonnegative().default(10),
  floor: z.number().min(0).max(0.5).default(0.1),
  prune: z.number().nonnegative().default(0.02),
  /** Weight of the protecting terms for each past task, beside 1 for the present task's images. */
  protection: z.number().nonnegative().default(1),
  /** Where boosting holds the encoder; for free Gaussians, which have no inputs, it is always the images. */
  encoderAt: z.enum(['inputs', 'images', 'both']).default('both'),
  /** Weight of the elastic penalty: 1 is Laplace’s posterior of as many images as the present task has; chosen on validation images. */
  elastic: z.number().nonnegative().default(100),
  /** The same beside boosting's protecting terms, which hold most of the past already. */
  elasticBoosted: z.number().nonnegative().default(0.1),
  /** Images that the Fisher information of a task is measured on. */
  fisherImages: positive.default(2000),
  /** What models are judged on: settings are chosen on the validation images of all classes seen, never on test images. */
  judgedOn: z.enum(['test', 'validation']).default('test'),
  /** Draws of the importance-sampled NLL. */
  samples: positive.default(1000),
  /** Numbers of tasks after which all test images are judged; else `stratified` of them. */
  fullTestAfter: z.array(positive).default([2, 5, 10]),
  stratified: positive.default(1000),
  /** Images drawn for the diversity. */
  generated: positive.default(10000),
  classifierEpochs: positive.default(8),
  /** Images of a task at most, training and test; all where absent. */
  imagesATask: positive.optional(),
});
export type BoovaeSettings = z.infer<typeof boovaeSettingsSchema>;

/** Width and clamp are the authors' for each data set (methods 4 and 6). */
const ofData = {
  mnist: { width: 300, logVarianceRange: [-6, 2] },
  fashion: { width: 1024, logVarianceRange: [-4, 4] },
} as const;

/** A form of the experiment that ends within a minute and says nothing of its figures. */
export const quickSettings = {
  width: 64,
  latent: 8,
  epochs: 3,
  warmUp: 2,
  components: 3,
  subset: 100,
  additionEvery: 1,
  componentSteps: 50,
  fisherImages: 200,
  samples: 50,
  stratified: 60,
  fullTestAfter: [],
  generated: 200,
  classifierEpochs: 1,
  imagesATask: 500,
} as const;

/** The defaults with some settings changed. @throws AppError `reproduce/settings` naming the first that is unknown or out of range */
export function parseBoovaeSettings(
  experiment: string,
  data: DigitData,
  changes: Readonly<Record<string, unknown>>,
): BoovaeSettings {
  const settings = parseSettings(experiment, boovaeSettingsSchema, { ...ofData[data], ...changes });
  const refuse = (key: keyof BoovaeSettings, problem: string) =>
    new AppError('reproduce/settings', { experiment, key, problem });
  const needed = settings.firstAddition + settings.additionEvery * Math.max(0, settings.components - 2) + 1;
  if (settings.components > 1 && needed > settings.epochs)
    throw refuse('epochs', `${settings.components} components are added only after ${needed} epochs`);
  if (settings.warmUp > settings.epochs) throw refuse('warmUp', `it is longer than the ${settings.epochs} epochs`);
  const [low, high] = settings.logVarianceRange;
  if (low >= high) throw refuse('logVarianceRange', 'the lower bound must be below the upper one');
  return settings;
}

export const shapeOf = ({ width, latent, logVarianceRange }: BoovaeSettings, pixels: number): MlpVaeShape => ({
  pixels,
  width,
  latent,
  logVarianceRange,
});

export const boostingOf = (settings: BoovaeSettings): BoostingSettings => ({
  steps: settings.componentSteps,
  rate: settings.componentRate,
  draws: settings.componentDraws,
  lambda: settings.lambda,
  window: settings.window,
  tolerance: settings.tolerance,
  weights: settings.weights,
  neighbours: settings.neighbours,
  floor: settings.floor,
  prune: settings.prune,
});

/** Which prior a method trains under. */
export const priorKindOf = (method: BoovaeMethod): 'standard' | 'gaussians' | 'inputs' | 'boosted' => {
  switch (method) {
    case 'standard':
    case 'ewc':
      return 'standard';
    case 'mog':
      return 'gaussians';
    case 'vamp':
      return 'inputs';
    case 'boo':
    case 'boo+ewc':
      return 'boosted';
    default:
      return method satisfies never;
  }
};

const elasticName = (method: BoovaeMethod) => (method === 'boo+ewc' ? 'elasticBoosted' : 'elastic');

/** The weight of a method's elastic penalty. */
export const elasticWeight = (method: BoovaeMethod, settings: BoovaeSettings): number => settings[elasticName(method)];

export const isElastic = (method: BoovaeMethod): boolean => method === 'ewc' || method === 'boo+ewc';

/** Whether decoder and encoder are held at the stored components: in the authors' code they are for Gaussians too. */
export const isProtecting = (method: BoovaeMethod): boolean => ['gaussians', 'boosted'].includes(priorKindOf(method));

const common = [
  ...['width', 'latent', 'logVarianceRange', 'batch', 'rate', 'epochs', 'warmUp', 'patience', 'plateau'],
  ...['judgedOn', 'samples', 'fullTestAfter', 'stratified', 'generated', 'classifierEpochs', 'imagesATask'],
] as const;
const ofMixtures = ['components'] as const;
const ofProtection = ['protection'] as const;
const ofBoosting = [
  ...[
    'subset',
    'firstAddition',
    'additionEvery',
    'componentSteps',
    'componentRate',
    'componentDraws',
    'window',
    'tolerance',
  ],
  ...['lambda', 'weights', 'neighbours', 'floor', 'prune', 'encoderAt'],
] as const;

/** The settings that a method uses. */
export function settingsOf(method: BoovaeMethod, settings: BoovaeSettings): Record<string, unknown> {
  const kind = priorKindOf(method);
  const used: readonly string[] = [
    ...common,
    ...(kind === 'standard' ? [] : ofMixtures),
    ...(isProtecting(method) ? ofProtection : []),
    ...(kind === 'boosted' ? ofBoosting : []),
    ...(isElastic(method) ? ['fisherImages', elasticName(method)] : []),
  ];
  return Object.fromEntries(Object.entries(settings).filter(([name]) => used.includes(name)));
}
