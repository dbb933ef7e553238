import type { Volume, Voxels } from '../volume.ts';

/** Volumes of one grid as the components of one image (time points, echoes), in float32 where their types differ; of DICOM images, the first's are named. */
export function stackVolumes(volumes: readonly Volume[]): Volume {
  const [first] = volumes;
  const length = volumes.reduce((sum, { voxels }) => sum + voxels.length, 0);
  const alike = volumes.every(({ voxels }) => voxels.constructor === first!.voxels.constructor);
  const type = (alike ? first!.voxels.constructor : Float32Array) as new (length: number) => Voxels; // every Voxels type has this constructor
  const voxels = new type(length);
  let at = 0;
  for (const volume of volumes) {
    voxels.set(volume.voxels, at);
    at += volume.voxels.length;
  }
  const components = volumes.reduce((sum, volume) => sum + volume.components, 0);
  const warnings = [...new Set(volumes.flatMap((volume) => volume.warnings))];
  return {
    size: first!.size,
    affineRasMm: first!.affineRasMm,
    voxels,
    components,
    warnings,
    ...(first!.dicom && { dicom: first!.dicom }),
  };
}
