import { z } from 'zod';
import type { AdditiveMixture } from '../../numerics/posteriors/additive-mixture.ts';

/** A mixture as JSON holds it, to the last bit. */
export const plainMixtureSchema = z.object({
  logWeights: z.array(z.number()),
  components: z.array(
    z.object({
      family: z.enum(['factorised', 'low-rank', 'full']),
      dimensions: z.number().int(),
      rank: z.number().int(),
      parameters: z.array(z.number()),
    }),
  ),
});
export type PlainMixture = z.infer<typeof plainMixtureSchema>;

export const mixtureToPlain = ({ components, logWeights }: AdditiveMixture): PlainMixture => ({
  logWeights: [...logWeights],
  components: components.map((component) => ({ ...component, parameters: Array.from(component.parameters) })),
});

export const mixtureFromPlain = ({ components, logWeights }: PlainMixture): AdditiveMixture => ({
  logWeights,
  components: components.map((component) => ({ ...component, parameters: Float64Array.from(component.parameters) })),
});

/** A row of the experiment in the plane. */
export const pursuitRowSchema = z.looseObject({ components: z.number().int(), mixture: plainMixtureSchema });
