import { z } from 'zod';

const positive = z.number().int().positive();

/**
 * A component a site, chosen by the gate; training on all scans of both sites (the ceiling); sequential variational fine-tuning; the same with
 * elastic weight consolidation; the mixture chosen by the least doubt, or by weights; distilled into one Gaussian; a deep ensemble on both sites.
 */
export const siteMethods = [
  'mpvi',
  'replay',
  'naive',
  'ewc',
  'mpvi by entropy',
  'mpvi by weights',
  'consolidated',
  'ensemble',
] as const;
export type SiteMethod = (typeof siteMethods)[number];

/** Everything that a run's outcome depends on beside method and seed. */
export const siteSettingsSchema = z.strictObject({
  /** Scans of each site that are trained on. */
  scans: positive.default(10),
  /** Steps at the first site, from the prior, and at the second. Training on both takes the sum. */
  firstSteps: positive.default(100),
  nextSteps: positive.default(60),
  /** Of distilling both components into one: the best of 60, 160 and 400 on development scans (docs/results/site-update-development). */
  consolidationSteps: positive.default(400),
  members: positive.default(3),
  /** Sides of training patches, voxels along i, j, k. */
  patch: z.tuple([positive, positive, positive]).default([32, 40, 32]),
  rate: z.number().positive().default(1e-3),
  samples: positive.default(7),
  /** Scans of each site that are tested on. */
  testScans: positive.default(8),
  /** Of MaxEntropy Pursuit against the first site's component; 0 fits the second by itself. */
  lambda: z.number().nonnegative().default(0),
  /**
   * Weight of the elastic penalty; 1 is Laplace's posterior of the first site where the loss is a mean over voxels. Chosen among 100 to 100,000 on
   * development scans by the mean Dice of both sites (docs/results/site-update-development): Laplace's own holds nothing.
   */
  elastic: z.number().nonnegative().default(10_000),
  /** Positions in name order. */
  trainFrom: z.string().default('41-140'),
  testOn: z.string().default('141-200'),
});
export type SiteSettings = z.infer<typeof siteSettingsSchema>;

/** A form that ends within a minute and says nothing of its figures. */
export const quickSiteSettings = {
  scans: 2,
  firstSteps: 1,
  nextSteps: 1,
  consolidationSteps: 1,
  members: 2,
  patch: [16, 16, 16],
  samples: 2,
  testScans: 1,
};

/** Settings that only some methods use. */
const own: Readonly<Record<SiteMethod, readonly (keyof SiteSettings)[]>> = {
  naive: [],
  ewc: ['elastic'],
  mpvi: ['lambda'],
  'mpvi by weights': ['lambda'],
  'mpvi by entropy': ['lambda'],
  consolidated: ['lambda', 'consolidationSteps'],
  replay: [],
  ensemble: ['members'],
};

/** The settings that a method uses: a change of the others leaves its finished runs as they are. */
export function siteSettingsOf(method: SiteMethod, settings: SiteSettings): Record<string, unknown> {
  const foreign = new Set<string>(
    Object.values(own)
      .flat()
      .filter((name) => !own[method].includes(name)),
  );
  return Object.fromEntries(Object.entries(settings).filter(([name]) => !foreign.has(name)));
}
