import type { z } from 'zod';
import { AppError } from '../../../contract/errors/app-error.ts';

/** Settings of an experiment, checked before anything is computed. @throws AppError `reproduce/settings` naming the first that is wrong */
export function parseSettings<Schema extends z.ZodType>(
  experiment: string,
  schema: Schema,
  given: unknown,
): z.infer<Schema> {
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!; // a failed parse has at least one
  const key = issue.code === 'unrecognized_keys' ? issue.keys.join(', ') : issue.path.join('.');
  throw new AppError('reproduce/settings', { experiment, key, problem: issue.message });
}

/** The methods asked for. @throws AppError `reproduce/settings` */
export function parseMethods<Method extends string>(
  experiment: string,
  known: readonly Method[],
  asked: readonly string[] | undefined,
): readonly Method[] {
  if (!asked) return known;
  if (asked.every((name): name is Method => known.some((one) => one === name))) return asked;
  throw new AppError('reproduce/settings', { experiment, key: 'methods', problem: `among ${known.join(', ')}` });
}
