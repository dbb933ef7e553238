import { resolve } from 'node:path';
import { InvalidArgumentError } from 'commander';
import { AppError } from '../contract/errors/app-error.ts';
import { parseModelReference } from '../contract/model-reference.ts';

/** Paths are absolute before they leave the shell: the child has another working folder. */
export const path = (text: string): string => resolve(text);

export function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('Give a whole number.');
  return Number(text);
}

export function number(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('Give a number.');
  return value;
}

/** `17,53` */
export const wholeNumbers = (text: string): number[] => text.split(',').map((part) => wholeNumber(part.trim()));

export const words = (text: string): string[] =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');

/** `40x56x40` */
export function sides(text: string): number[] {
  const values = text.split('x').map(Number);
  if (values.length !== 3 || values.some((value) => !Number.isInteger(value) || value <= 0))
    throw new InvalidArgumentError('Give three sides in voxels, such as 40x56x40.');
  return values;
}

/** `x0,y0,z0,x1,y1,z1` in RAS+ mm, corners in any order. */
export function box(text: string): number[] {
  const values = text.split(',').map(number);
  if (values.length !== 6) throw new InvalidArgumentError('Give two corners in RAS+ mm: x0,y0,z0,x1,y1,z1.');
  const pairs = [0, 1, 2].map((axis) => [values[axis]!, values[axis + 3]!].sort((a, b) => a - b));
  return [...pairs.map(([low]) => low!), ...pairs.map(([, high]) => high!)];
}

/** `1/4`: the first of four parts. */
export function shard(text: string): { part: number; of: number } {
  const [, part, of] = /^(\d+)\/(\d+)$/.exec(text) ?? [];
  if (part === undefined || Number(part) < 1 || Number(part) > Number(of))
    throw new InvalidArgumentError('Give part/parts, such as 1/4.');
  return { part: Number(part) - 1, of: Number(of) };
}

/** `KEY=VALUE`, collected; VALUE is JSON where it can be, else text. */
export function setting(text: string, before: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  const [, key, value] = /^([\w]+)=(.*)$/s.exec(text) ?? [];
  if (key === undefined) throw new InvalidArgumentError('Give KEY=VALUE, such as beta=0.01.');
  let parsed: unknown = value;
  try {
    parsed = JSON.parse(value!);
  } catch {
    // a word: stays text
  }
  return { ...before, [key]: parsed };
}

/** A model as jobs take it. */
export interface ModelChoice {
  readonly model: string;
  readonly modelVersion?: number;
}

/** `NAME` or `NAME@VERSION` */
export function modelReference(text: string): ModelChoice {
  try {
    const { name, modelVersion } = parseModelReference(text);
    return { model: name, ...(modelVersion === undefined ? {} : { modelVersion }) };
  } catch (cause) {
    throw cause instanceof AppError ? new InvalidArgumentError(cause.message) : cause;
  }
}
