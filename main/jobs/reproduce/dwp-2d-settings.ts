import { z } from 'zod';

const positive = z.number().int().positive();
const channels = z.tuple([positive, positive]);

/**
 * Kernels of Fashion-MNIST nets as prior; log-uniform; N(0, 1); a deterministic net; one whose convolutions stay what the kernel VAEs drew, which
 * tells what these are worth as they are. All begin at the same draw.
 */
export const planeMethods = ['dwp', 'log-uniform', 'normal', 'deterministic', 'frozen'] as const;
export type PlaneMethod = (typeof planeMethods)[number];

/** Everything that an outcome depends on beside method and seed. Where the authors' figure is larger it stands behind. */
export const planeSettingsSchema = z.strictObject({
  /** 100 */
  sourceNets: positive.default(8),
  /** 256 and 512 */
  sourceChannels: channels.default([16, 32]),
  /** All of a set; equally many of each class. */
  sourceImages: positive.default(20000),
  /** 100 */
  sourceEpochs: positive.default(10),
  /** 256; smaller, so that few epochs have many steps. */
  sourceBatch: positive.default(32),
  sourceRate: z.number().positive().default(1e-3),
  /** 1e-3; larger, so that within few steps the noise that kernels start from fades. */
  decay: z.number().nonnegative().default(0.03),
  /** Slices with a smaller norm are dropped, by layer. */
  leastNorms: z.tuple([z.number(), z.number()]).default([0.1, 0.05]),
  /** Steps of each kernel VAE at batch 128; the authors' 300 epochs. */
  vaeSteps: positive.default(6000),
  /** 32 and 128 */
  channels: channels.default([16, 32]),
  images: z.array(positive.multipleOf(10)).min(1).default([50, 100, 200, 500, 1000]),
  /** Steps of a target net; the authors' 10,000 epochs. */
  steps: positive.default(600),
  batch: positive.default(256),
  /** 1e-3; larger for so few steps, chosen on validation images for all methods together. */
  rate: z.number().positive().default(1e-2),
  /** Weight of the KL; 1 is the bound itself. */
  beta: z.number().positive().default(1),
  startLogVariance: z.number().default(-10),
  /** Weight samples of a prediction. */
  samples: positive.default(10),
  /** What nets are judged on: settings are chosen on validation images, never on test images. */
  judgedOn: z.enum(['test', 'validation']).default('test'),
  /** Test images, equally many of each class; 10,000. */
  testImages: positive.default(2000),
});
export type PlaneSettings = z.infer<typeof planeSettingsSchema>;

/** A form that ends within a minute and says nothing of its figures. */
export const quickPlaneSettings = {
  sourceNets: 2,
  sourceChannels: [4, 6],
  sourceImages: 200,
  sourceEpochs: 1,
  leastNorms: [0, 0],
  vaeSteps: 5,
  channels: [3, 4],
  images: [20],
  steps: 3,
  samples: 2,
  testImages: 50,
};
