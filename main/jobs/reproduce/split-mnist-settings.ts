import { z } from 'zod';

const positive = z.number().int().positive();

/** Fine-tuning; elastic weight consolidation; a mixture component a task with a gate; training on all images so far, which a ceiling may. */
export const splitMethods = ['naive', 'ewc', 'mpvi', 'replay'] as const;
export type SplitMethod = (typeof splitMethods)[number];

const density = (components: number, rank: number, floor: number) =>
  z
    .strictObject({
      components: positive.default(components),
      rank: positive.max(83).default(rank),
      /** Added to every variance; brightness runs from 0 to 1. */
      floor: z.number().positive().default(floor),
      /** Of expectation maximisation; one Gaussian takes one. */
      iterations: positive.default(12),
    })
    .prefault({});

/** Everything that a run's outcome depends on beside method and seed. */
export const splitSettingsSchema = z.strictObject({
  epochs: positive.default(6),
  batch: positive.default(128),
  /** Of Adam, falling to nothing along half a cosine within each task. */
  rate: z.number().positive().default(2e-3),
  /** Of the factorised normal prior of the weights. */
  priorDeviation: z.number().positive().default(0.3),
  /** Draws a step of a component's fit, in pairs of e and -e. */
  draws: positive.default(2),
  startDeviation: z.number().positive().default(0.02),
  /** Weight sets that a component predicts by. */
  samples: positive.default(10),
  /** The gate: density of a class over images pooled to 14 x 14. */
  gate: density(8, 12, 0.003),
  /** For comparison: one Gaussian a class on pixels, and on the first task's features. */
  pixels: density(1, 20, 0.001),
  features: density(1, 20, 0.01),
  /** Weight of the elastic penalty: 1 is Laplace's posterior of the past tasks. */
  elastic: z.number().nonnegative().default(1),
  /** Images that the Fisher information of a task is measured on. */
  fisherImages: positive.default(500),
  /** Settings are chosen on validation images, never on test images. */
  judgedOn: z.enum(['test', 'validation']).default('test'),
  /** Images of a class at most; all where absent. */
  imagesAClass: positive.optional(),
});
export type SplitSettings = z.infer<typeof splitSettingsSchema>;

/** A form that ends within a minute and says nothing of its figures. */
export const quickSplitSettings = {
  epochs: 1,
  batch: 32,
  samples: 2,
  gate: { components: 2, rank: 5, iterations: 3 },
  pixels: { rank: 5 },
  features: { rank: 5 },
  fisherImages: 20,
  judgedOn: 'validation',
  imagesAClass: 80,
};

/** Settings that only some methods use. */
const own: Readonly<Record<SplitMethod, readonly (keyof SplitSettings)[]>> = {
  naive: [],
  ewc: ['elastic', 'fisherImages'],
  mpvi: ['draws', 'startDeviation', 'samples', 'gate', 'pixels', 'features'],
  replay: [],
};

/** The settings that a method uses: a change of the others leaves its finished runs as they are. */
export function settingsOf(method: SplitMethod, settings: SplitSettings): Record<string, unknown> {
  const foreign = new Set<string>(
    Object.values(own)
      .flat()
      .filter((name) => !own[method].includes(name)),
  );
  return Object.fromEntries(Object.entries(settings).filter(([name]) => !foreign.has(name)));
}
