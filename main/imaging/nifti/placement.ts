import { AppError } from '../../../contract/errors/app-error.ts';
import { fromColumns, isSingular, scaled } from '../geometry/affine.ts';
import { cornerDistanceMm, spacingMm } from '../geometry/grids.ts';
import type { Affine, Vec3 } from '../volume.ts';
import type { NiftiHeader } from './header.ts';
import { rotationOf } from './quaternion.ts';

export interface Placement {
  readonly affineRasMm: Affine;
  readonly warnings: readonly string[];
}

/**
 * Where the header puts the voxels: the sform where there is one, else the qform, else the voxel spacing alone.
 * NIfTI's world is RAS+; metres and micrometres become mm. @throws AppError geometry/singular, image/spacing, nifti/field
 */
export function placementOf(header: NiftiHeader, name: string): Placement {
  const { toMm, warnings: unitWarnings } = lengthUnit(header.numbers('xyzt_units')[0]!);
  const placed = fromForms(header, name);
  const [x, y, z] = placed.affineRasMm;
  const scaled = (row: Affine[number]) => [row[0] * toMm, row[1] * toMm, row[2] * toMm, row[3] * toMm] as const;
  const affineRasMm: Affine = [scaled(x), scaled(y), scaled(z)];
  if (isSingular(affineRasMm)) throw new AppError('geometry/singular', { name });
  return { affineRasMm, warnings: [...unitWarnings, ...placed.warnings] };
}

function fromForms(header: NiftiHeader, name: string): Placement {
  const hasSform = header.numbers('sform_code')[0]! > 0;
  const hasQform = header.numbers('qform_code')[0]! > 0;
  if (!hasSform && hasQform) return qform(header, name);
  if (!hasSform) return spacingAlone(header, name);
  const r = header.numbers('srow');
  const affineRasMm: Affine = [
    [r[0]!, r[1]!, r[2]!, r[3]!],
    [r[4]!, r[5]!, r[6]!, r[7]!],
    [r[8]!, r[9]!, r[10]!, r[11]!],
  ];
  return { affineRasMm, warnings: hasQform && !isSingular(affineRasMm) ? disagreement(header, affineRasMm, name) : [] };
}

/** Reports where sform and qform put a corner more than a tenth of a voxel apart. */
function disagreement(header: NiftiHeader, sform: Affine, name: string): readonly string[] {
  try {
    const { size } = header;
    const other = qform(header, name).affineRasMm;
    const grid = { size, affineRasMm: sform };
    const distance = cornerDistanceMm(grid, { size, affineRasMm: other });
    if (distance <= 0.1 * Math.min(...spacingMm(grid))) return [];
    return [`The header's sform and qform put voxels up to ${distance.toFixed(2)} mm apart; the sform was used.`];
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return ["The header's qform makes no sense; the sform was used."];
  }
}

function qform(header: NiftiHeader, name: string): Placement {
  const [b, c, d] = header.numbers('quatern') as [number, number, number];
  const [x, y, z] = header.numbers('qoffset') as [number, number, number];
  const { spacing, warnings } = voxelSpacing(header, name);
  const { i, j, k } = rotationOf([b, c, d], name);
  const handedness = header.numbers('pixdim')[0]! < 0 ? -1 : 1;
  const affineRasMm = fromColumns(scaled(i, spacing[0]), scaled(j, spacing[1]), scaled(k, handedness * spacing[2]), [
    x,
    y,
    z,
  ]);
  return { affineRasMm, warnings };
}

function spacingAlone(header: NiftiHeader, name: string): Placement {
  const {
    spacing: [si, sj, sk],
    warnings,
  } = voxelSpacing(header, name);
  const warning =
    'The header does not say where the image lies (no sform, no qform): its axes were taken as Right, Anterior, Superior. Check left and right.';
  return { affineRasMm: fromColumns([si, 0, 0], [0, sj, 0], [0, 0, sk], [0, 0, 0]), warnings: [...warnings, warning] };
}

/** pixdim 1 to 3; an axis of one voxel may lack it. */
function voxelSpacing(header: NiftiHeader, name: string): { spacing: Vec3; warnings: readonly string[] } {
  const stated = header.numbers('pixdim').slice(1, 4);
  const missing = stated.some((side, axis) => side === 0 && header.size[axis] === 1);
  const sides = stated.map((side, axis) => (side === 0 && header.size[axis] === 1 ? 1 : side));
  if (!sides.every((side) => side > 0 && Number.isFinite(side))) {
    throw new AppError('image/spacing', { name, spacing: stated.join(' x ') });
  }
  const warnings = missing ? ['An axis of one voxel had no thickness; 1 was taken.'] : [];
  return { spacing: [sides[0]!, sides[1]!, sides[2]!], warnings };
}

/** The low three bits of xyzt_units; 0 (not stated) is mm by custom. */
function lengthUnit(xyztUnits: number): { toMm: number; warnings: readonly string[] } {
  const code = xyztUnits & 7;
  if (code === 0 || code === 2) return { toMm: 1, warnings: [] };
  if (code === 1) return { toMm: 1000, warnings: [] };
  if (code === 3) return { toMm: 1e-3, warnings: [] };
  return { toMm: 1, warnings: [`The header's unit of length (code ${code}) is unknown; mm was taken.`] };
}
