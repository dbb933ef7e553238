import { AppError } from '../../../contract/errors/app-error.ts';
import { fromColumns, isSingular } from '../geometry/affine.ts';
import type { Affine, Vec3 } from '../volume.ts';
import { numberList, parseVector, refuse, splitVectors } from './values.ts';

/** What the axes of an NRRD file mean. */
export interface NrrdAxes {
  readonly size: Vec3;
  readonly components: number;
  /** How many values lie between a voxel's components: 1 where they come first, more where later. */
  readonly componentStride: number;
  readonly affineRasMm: Affine;
  readonly warnings: readonly string[];
}

type Fields = ReadonlyMap<string, string>;

/**
 * World axes of each `space`, as signs that turn them to RAS. The time-bearing forms, scanner-xyz and the handed ones
 * say nothing of the patient and are refused.
 */
const signsOfSpace: ReadonlyMap<string, Vec3> = new Map([
  ['right-anterior-superior', [1, 1, 1]],
  ['ras', [1, 1, 1]],
  ['left-anterior-superior', [-1, 1, 1]],
  ['las', [-1, 1, 1]],
  ['left-posterior-superior', [-1, -1, 1]],
  ['lps', [-1, -1, 1]],
]);

/** @throws AppError image/dimensions, nrrd/field, geometry/singular */
export function axesOf(fields: Fields, name: string): NrrdAxes {
  const sizes = axisSizes(fields, name);
  const directions = directionsOf(fields, sizes.length, name);
  const listAxis = directions.indexOf(undefined);
  const spatial = sizes.filter((_, axis) => axis !== listAxis);
  const [i, j, k] = directions.filter((direction) => direction !== undefined) as [Vec3, Vec3, Vec3]; // three, by directionsOf
  const { signs, warnings } = spaceOf(fields, name);
  const toRas = (v: Vec3): Vec3 => [v[0] * signs[0], v[1] * signs[1], v[2] * signs[2]];
  const { toMm, warnings: unitWarnings } = spaceUnit(fields, name);
  const at = parseVector(fields.get('space origin') ?? '(0,0,0)', { name, field: 'space origin' });
  const turned = [i, j, k, at].map((v) => toRas([v[0] * toMm, v[1] * toMm, v[2] * toMm]));
  const affineRasMm = fromColumns(turned[0]!, turned[1]!, turned[2]!, turned[3]!);
  if (isSingular(affineRasMm)) throw new AppError('geometry/singular', { name });
  return {
    size: [spatial[0]!, spatial[1]!, spatial[2]!],
    components: listAxis === -1 ? 1 : sizes[listAxis]!,
    componentStride: listAxis === -1 ? 1 : sizes.slice(0, listAxis).reduce((product, side) => product * side, 1),
    affineRasMm,
    warnings: [...warnings, ...unitWarnings],
  };
}

function axisSizes(fields: Fields, name: string): readonly number[] {
  const dimension = Number(fields.get('dimension'));
  const sizes = numberList(fields.get('sizes') ?? '', { name, field: 'sizes' });
  const whole = sizes.every((side) => Number.isSafeInteger(side) && side >= 1);
  if ((dimension !== 3 && dimension !== 4) || sizes.length !== dimension || !whole) {
    const shown = `${fields.get('sizes') ?? '(none)'} (dimension ${fields.get('dimension') ?? 'not given'})`;
    throw new AppError('image/dimensions', { name, sizes: shown });
  }
  return sizes;
}

/** Three vectors, and undefined for the axis of the components where there are four axes. */
function directionsOf(fields: Fields, dimension: number, name: string): readonly (Vec3 | undefined)[] {
  const stated = fields.get('space directions');
  if (stated === undefined) return spacingDirections(fields, dimension, name);
  const vectors = splitVectors(stated);
  const directions = vectors.map((vector) =>
    vector.toLowerCase() === 'none' ? undefined : parseVector(vector, { name, field: 'space directions' }),
  );
  if (directions.length !== dimension || directions.filter((direction) => direction !== undefined).length !== 3) {
    const allowed = `three vectors${dimension === 4 ? ' and one "none"' : ''}`;
    throw refuse({ name, field: 'space directions' }, stated, allowed);
  }
  return directions;
}

/** Without directions: axes in order, by `spacings`; of four axes the one whose kind is no place holds the components. */
function spacingDirections(fields: Fields, dimension: number, name: string): readonly (Vec3 | undefined)[] {
  const kinds = (fields.get('kinds') ?? '').toLowerCase().split(/\s+/);
  const listed = kinds.findIndex((kind) => kind !== '' && !['domain', 'space', '???', 'none'].includes(kind));
  const listAxis = dimension === 3 ? -1 : listed === -1 ? 3 : listed;
  const text = fields.get('spacings');
  const spacings = text === undefined ? [] : numberList(text, { name, field: 'spacings' });
  let axis = 0;
  return Array.from({ length: dimension }, (_, n) => {
    if (n === listAxis) return undefined;
    const spacing = text === undefined ? 1 : spacings[n]!;
    if (!(spacing > 0 && Number.isFinite(spacing))) throw new AppError('image/spacing', { name, spacing: text ?? '' });
    const step: [number, number, number] = [0, 0, 0];
    step[axis++] = spacing;
    return step;
  });
}

function spaceOf(fields: Fields, name: string): { signs: Vec3; warnings: readonly string[] } {
  const space = fields.get('space');
  const directions = fields.has('space directions');
  if (space !== undefined) {
    const signs = signsOfSpace.get(space.toLowerCase());
    if (signs && directions) return { signs, warnings: [] };
    if (signs) return { signs, warnings: ['The header gives no directions of the axes; they were taken in order.'] };
    throw refuse({ name, field: 'space' }, space, 'RAS, LAS or LPS (or spelled out), which say how the patient lies');
  }
  const spaceDimension = fields.get('space dimension');
  if (spaceDimension !== undefined && spaceDimension !== '3') {
    throw refuse({ name, field: 'space dimension' }, spaceDimension, '3');
  }
  const warning =
    'The header does not say how its world lies in the patient (no space): Left, Posterior, Superior was taken, as ITK does. Check left and right.';
  return { signs: [-1, -1, 1], warnings: [warning] };
}

const mmOfUnit: ReadonlyMap<string, number> = new Map([
  ['mm', 1],
  ['', 1],
  ['cm', 10],
  ['m', 1000],
  ['um', 1e-3],
  ['\u00b5m', 1e-3],
  ['micron', 1e-3],
]);

function spaceUnit(fields: Fields, name: string): { toMm: number; warnings: readonly string[] } {
  const stated = fields.get('space units');
  if (stated === undefined) return { toMm: 1, warnings: [] };
  const units = new Set(Array.from(stated.matchAll(/"([^"]*)"/g), ([, unit]) => unit!.trim()));
  if (units.size > 1) throw refuse({ name, field: 'space units' }, stated, 'one unit for all axes');
  const [unit = ''] = units;
  const toMm = mmOfUnit.get(unit);
  if (toMm !== undefined) return { toMm, warnings: [] };
  return { toMm: 1, warnings: [`The header's unit of length (${unit}) is unknown; mm was taken.`] };
}
