import { AppError } from '../../../contract/errors/app-error.ts';
import type { Vec3 } from '../volume.ts';

/** Which field of which file a value belongs to, for the error. */
export interface FieldPlace {
  readonly name: string;
  readonly field: string;
}

export const refuse = ({ name, field }: FieldPlace, value: string, allowed: string): AppError =>
  new AppError('nrrd/field', { name, field, value, allowed });

/** Numbers between blanks. @throws AppError nrrd/field */
export function numberList(text: string, place: FieldPlace): readonly number[] {
  const numbers = text.split(/\s+/).filter(Boolean).map(parseNumber);
  if (numbers.some((value) => value === undefined)) throw refuse(place, text, 'numbers');
  return numbers as readonly number[]; // checked
}

/** `(x,y,z) none (x,y,z)` into its parts. */
export const splitVectors = (text: string): readonly string[] => text.match(/\([^)]*\)|[^\s()]+/g) ?? [];

/** `(x,y,z)`. @throws AppError nrrd/field where it is not three finite numbers */
export function parseVector(text: string, place: FieldPlace): Vec3 {
  const [, inside] = text.match(/^\((.*)\)$/) ?? [];
  const numbers = (inside ?? '').split(',').map((part) => parseNumber(part.trim()));
  const [x, y, z] = numbers;
  if (numbers.length !== 3 || x === undefined || y === undefined || z === undefined || !Number.isFinite(x + y + z)) {
    throw refuse(place, text, 'three finite numbers in brackets');
  }
  return [x, y, z];
}

/** A number as C prints it, NaN and infinities too. */
export function parseNumber(text: string): number | undefined {
  if (/^[+-]?nan$/i.test(text)) return Number.NaN;
  if (/^[+-]?inf(inity)?$/i.test(text)) return text.startsWith('-') ? -Infinity : Infinity;
  const value = Number(text);
  return text === '' || Number.isNaN(value) ? undefined : value;
}
