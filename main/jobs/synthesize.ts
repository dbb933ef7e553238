import { AppError } from '../../contract/errors/app-error.ts';
import type { JobRequest } from '../../contract/jobs.ts';
import type { Volume } from '../imaging/volume.ts';
import type { IntensityModel } from '../numerics/synthesis/intensity-model.ts';
import { defaultSynthesis, type SynthesisSettings } from '../numerics/synthesis/synthesis-settings.ts';
import { type SynthesizedImage, synthesizeImage } from '../numerics/synthesis/synthesize-image.ts';
import { derive, rootKey, shuffled } from '../numerics/tensors/random.ts';
import { readIntensityModel } from './intensity-model-files.ts';
import { cropStructures, type StructureCrop } from './label-crops.ts';
import type { JobContext, RunStore, ScanFiles } from './ports.ts';
import type { ResultFolders } from './result-ports.ts';

export interface SynthesizeResult {
  readonly folder: string;
  /** Label maps that were used, and the structures found in them. */
  readonly maps: number;
  readonly structures: number;
  readonly written: number;
  /** Files that an earlier run had written. */
  readonly found: number;
}

/** The part of the ports that this job uses. */
export interface SynthesisPorts {
  readonly scans: Pick<ScanFiles, 'listScans' | 'readVolume' | 'hashVolume'>;
  readonly results: Pick<ResultFolders, 'list' | 'readBytes' | 'readJson' | 'writeJson' | 'writeNifti'>;
  readonly runs: Pick<RunStore, 'keyOf'>;
}

/** Values of the stored images: int16, 0 to this. */
const greatestValue = 1000;
const settingsFile = 'settings.json';

/**
 * Training images of random contrast from label maps: `out/images/synthetic_00001.nii.gz` and the same under `out/labels`,
 * in RAS orientation at the map's spacing, the target labels with their own values on 0. Image n depends on seed and n
 * alone; files that are there are left, so that a stopped or longer run goes on. Maps are read one at a time.
 * @throws AppError of the synthesis area
 */
export async function synthesize(
  ports: SynthesisPorts,
  context: JobContext,
  request: JobRequest<'synthesize'>,
): Promise<SynthesizeResult> {
  const settings = settingsOf(request);
  const model = await readIntensityModel(ports, request);
  const { crops, maps } = await readCrops(ports, context, request, settings);
  await claimFolder(ports, request.out, recordOf(request, settings, model, maps));
  const there = await writtenNames(ports, request.out);
  let written = 0;
  for (let number = 0; number < request.count; number++) {
    await context.breathe('making images');
    const name = `synthetic_${String(number + 1).padStart(5, '0')}.nii.gz`;
    if (!there.has(name)) {
      await writeOne(ports, request, name, makeOne(number, crops, model, { request, settings }));
      written++;
    }
    context.report({ phase: 'making images', done: number + 1, total: request.count, unit: 'images' });
  }
  return { folder: request.out, maps: maps.length, structures: crops.length, written, found: request.count - written };
}

function settingsOf({ crop: [x, y, z], intensities }: JobRequest<'synthesize'>): SynthesisSettings {
  return { ...defaultSynthesis, crop: [z, y, x], intensities };
}

interface UsedMap {
  readonly name: string;
  readonly sha256: string;
}

async function readCrops(
  ports: SynthesisPorts,
  context: JobContext,
  { labels, target }: JobRequest<'synthesize'>,
  settings: SynthesisSettings,
): Promise<{ readonly crops: readonly StructureCrop[]; readonly maps: readonly UsedMap[] }> {
  const files = await ports.scans.listScans(labels);
  if (files.length === 0) throw new AppError('synthesis/no-maps', { folder: labels });
  const crops: StructureCrop[] = [];
  const maps: UsedMap[] = [];
  for (const [done, { name, path }] of files.entries()) {
    context.report({ phase: 'reading label maps', done, total: files.length, unit: 'maps' });
    await context.breathe('reading label maps');
    const map = await ports.scans.readVolume(path);
    crops.push(
      ...cropStructures(
        map,
        name,
        [...new Set(target)].filter((label) => label > 0),
        settings,
      ),
    );
    maps.push({ name, sha256: ports.scans.hashVolume(map) });
  }
  context.report({ phase: 'reading label maps', done: files.length, total: files.length, unit: 'maps' });
  if (crops.length === 0)
    throw new AppError('synthesis/target-absent', { target: target.join(' or '), folder: labels, maps: files.length });
  return { crops, maps };
}

/** Everything that the images depend on, but not how many there are. */
const recordOf = (
  { seed, target, sides }: JobRequest<'synthesize'>,
  settings: SynthesisSettings,
  model: IntensityModel,
  maps: readonly UsedMap[],
) => ({
  version: 1,
  seed,
  target,
  sides,
  settings,
  intensityModel: {
    classes: [...model.classes],
    measured: model.measured ? { ...model.measured, classes: [...model.measured.classes] } : null,
  },
  maps,
});

async function claimFolder(ports: SynthesisPorts, folder: string, record: ReturnType<typeof recordOf>): Promise<void> {
  const stored = await ports.results.readJson(`${folder}/${settingsFile}`);
  if (stored === undefined) {
    if ((await ports.results.list(folder)).length > 0) throw new AppError('synthesis/folder-in-use', { folder });
    await ports.results.writeJson(`${folder}/${settingsFile}`, record);
  } else if (ports.runs.keyOf(stored) !== ports.runs.keyOf(record)) {
    throw new AppError('synthesis/other-settings', { folder });
  }
}

/** Images whose labels are there too. */
async function writtenNames(ports: SynthesisPorts, folder: string): Promise<ReadonlySet<string>> {
  const labels = new Set(await ports.results.list(`${folder}/labels`));
  return new Set((await ports.results.list(`${folder}/images`)).filter((name) => labels.has(name)));
}

interface Making {
  readonly request: JobRequest<'synthesize'>;
  readonly settings: SynthesisSettings;
}

/** All structures have their turn before one comes again, in an order drawn anew for each round. */
function makeOne(
  number: number,
  crops: readonly StructureCrop[],
  model: IntensityModel,
  { request, settings }: Making,
): SynthesizedImage & { readonly crop: StructureCrop } {
  const key = rootKey(request.seed);
  const round = Math.floor(number / crops.length);
  const crop = crops[shuffled(derive(key, 'order', round), crops.length)[number % crops.length]!]!;
  const mirrored = request.sides === 'both' ? settings.spatial.mirror[2] : Number(crop.side !== request.sides);
  const spatial = { ...settings.spatial, spacingMm: crop.spacingMm, mirror: [0, 0, mirrored] as const };
  return { ...synthesizeImage(crop, model, { ...settings, spatial }, derive(key, 'image', number)), crop };
}

async function writeOne(
  ports: SynthesisPorts,
  { out, target }: JobRequest<'synthesize'>,
  name: string,
  { image, labels, size, crop }: ReturnType<typeof makeOne>,
): Promise<void> {
  const wanted = new Set(target);
  const kept = labels.map((label) => (wanted.has(label) ? label : 0));
  const place = (voxels: Volume['voxels']) => onOwnGrid(voxels, size, crop.spacingMm);
  await ports.results.writeNifti(
    `${out}/labels/${name}`,
    place(Math.max(...target) > 255 ? kept : Uint8Array.from(kept)),
  );
  await ports.results.writeNifti(
    `${out}/images/${name}`,
    place(Int16Array.from(image, (value) => Math.round(greatestValue * value))),
  );
}

/** RAS orientation, the middle of the crop at the origin of the world: a deformed head has no place of its own. */
function onOwnGrid(
  voxels: Volume['voxels'],
  [nk, nj, ni]: SynthesizedImage['size'],
  [sk, sj, si]: StructureCrop['spacingMm'],
): Volume {
  return {
    voxels,
    size: [ni, nj, nk],
    affineRasMm: [
      [si, 0, 0, (-si * (ni - 1)) / 2],
      [0, sj, 0, (-sj * (nj - 1)) / 2],
      [0, 0, sk, (-sk * (nk - 1)) / 2],
    ],
    components: 1,
    warnings: [],
  };
}
