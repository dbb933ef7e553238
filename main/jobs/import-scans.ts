import { AppError } from '../../contract/errors/app-error.ts';
import type { ImportResult } from '../../contract/import-result.ts';
import type { JobRequest } from '../../contract/jobs.ts';
import { groupSeries, type SeriesPart } from '../imaging/dicom/group-series.ts';
import { sameGrid, spacingMm } from '../imaging/geometry/grids.ts';
import { stackVolumes } from '../imaging/geometry/stack-volumes.ts';
import type { Grid, Vec3, Volume } from '../imaging/volume.ts';
import type { DicomScan, JobContext, Ports } from './ports.ts';

/** Lists the studies and series of DICOM files, or converts one series to NIfTI with a side-car of its provenance. */
export async function importScans(
  ports: Ports,
  context: JobContext,
  request: JobRequest<'import'>,
): Promise<ImportResult> {
  const scan = await ports.dicom.scan(request.inputs, context);
  const parts = groupSeries(scan.headers, request.correct);
  const found = listed(scan, parts);
  if (request.out !== undefined && request.series === undefined) {
    const known = [...new Set(parts.map(({ header }) => header.seriesInstanceUid))].slice(0, 8).join(', ');
    throw new AppError('dicom/which-series', { known: known || 'none' });
  }
  if (request.series === undefined || request.out === undefined) return found;
  return { ...found, written: await convert(ports, context, { scan, parts, request, out: request.out }) };
}

interface Conversion {
  readonly scan: DicomScan;
  readonly parts: readonly SeriesPart[];
  readonly request: JobRequest<'import'>;
  readonly out: string;
}

async function convert(
  ports: Ports,
  context: JobContext,
  { scan, parts, request, out }: Conversion,
): Promise<NonNullable<ImportResult['written']>> {
  const chosen = chooseParts(parts, request);
  const volumes: Volume[] = [];
  for (const one of chosen) {
    await context.breathe('decoding');
    volumes.push(await ports.dicom.readPart(scan, one));
  }
  const part = chosen[0]!; // at least one
  const volume = volumes.length === 1 ? volumes[0]! : stackVolumes(volumes);
  const sideCar = `${out.replace(/\.nii(\.gz)?$/i, '')}.json`;
  await ports.results.writeNifti(out, volume);
  const { header } = part;
  await ports.results.writeJson(sideCar, {
    ...header.acquisition,
    StudyInstanceUID: header.studyInstanceUid,
    SeriesInstanceUID: header.seriesInstanceUid,
    Parts: chosen.map((one) => one.part),
    SourceFiles: chosen.reduce((sum, { files }) => sum + files, 0),
    Corrections: part.plan?.corrections ?? [],
    Notes: [...part.notes, ...volume.warnings],
    ConversionSoftware: 'fewscan',
  });
  return { file: out, sideCar, warnings: [...part.notes, ...volume.warnings] };
}

/**
 * The part that was asked for; else the only volume of the series, or all of them where they lie on one grid (time points, echoes):
 * they become one image of four dimensions. @throws AppError of the part, `dicom/no-such-series`, `dicom/several-volumes`
 */
function chooseParts(parts: readonly SeriesPart[], { series, part }: JobRequest<'import'>): readonly SeriesPart[] {
  const own = parts.filter(({ header }) => header.seriesInstanceUid === series);
  if (own.length === 0) {
    const known = [...new Set(parts.map(({ header }) => header.seriesInstanceUid))].slice(0, 8).join(', ');
    throw new AppError('dicom/no-such-series', { series: series ?? '', known: known || 'none' });
  }
  const asked = part === undefined ? own : own.filter((one) => one.part === part);
  const volumes = asked.filter((one) => gridOf(one) !== undefined);
  const [refusal] = asked.flatMap((one) => (one.refusal ? [one.refusal] : []));
  if (volumes.length === 0 && refusal) throw refusal;
  const [grid, ...others] = volumes.map(gridOf);
  if (!grid || !others.every((one) => one && sameGrid(one, grid)))
    throw new AppError('dicom/several-volumes', { series: series ?? '', parts: own.length });
  return volumes;
}

function listed(scan: DicomScan, parts: readonly SeriesPart[]): ImportResult {
  const studies: ImportResult['studies'] = [];
  for (const part of parts) {
    const { header } = part;
    let study = studies.find(({ studyInstanceUid }) => studyInstanceUid === header.studyInstanceUid);
    if (!study) {
      study = {
        studyInstanceUid: header.studyInstanceUid,
        patient: { name: header.patient.name ?? '', id: header.patient.id ?? '' },
        description: header.study.description ?? '',
        date: header.study.date ?? '',
        series: [],
      };
      studies.push(study);
    }
    study.series.push(seriesOf(part));
  }
  const damagedFiles = scan.damaged.map(({ name, reason }) => ({ name, code: reason.code, message: reason.message }));
  return { studies, otherFiles: scan.others, damagedFiles };
}

function seriesOf(one: SeriesPart): ImportResult['studies'][number]['series'][number] {
  const { header, part, parts, kind, files, notes, plan, refusal, pictures, slices } = one;
  const grid = gridOf(one);
  return {
    seriesInstanceUid: header.seriesInstanceUid,
    modality: header.modality,
    description: header.series.description ?? '',
    number: header.series.number ?? null,
    part,
    parts,
    kind,
    files,
    notes: [...notes, ...(plan?.notes ?? [])],
    ...(grid
      ? {
          volume: {
            size: [...grid.size],
            spacingMm: [...spacingMm(grid)],
            affineRasMm: grid.affineRasMm.map((row) => [...row]),
          },
        }
      : {}),
    ...(pictures && slices[0] ? { pictures: { size: [...shownSize(slices)], placed: pictures.placed } } : {}),
    ...(refusal ? { refusal: { code: refusal.code, message: refusal.message } } : {}),
  };
}

/** The grid of the volume that a part gives (that of a tilted stack before it is straightened); undefined where it gives none. */
function gridOf({ header, slices, plan, segmentation }: SeriesPart): Grid | undefined {
  const tile = slices[0]?.slice.tile ?? header.image?.slices[0]?.tile;
  const stack = segmentation ?? plan;
  if (!tile || !stack) return undefined;
  const count = segmentation ? segmentation.count : Math.round(plan!.steps.at(-1)!) + 1; // one of the two
  return { size: [tile.columns, tile.rows, count], affineRasMm: stack.affineRasMm };
}

/** Columns, rows and pictures. */
const shownSize = (slices: SeriesPart['slices']): Vec3 => {
  const { columns, rows } = slices[0]!.slice.tile; // the caller saw one
  return [columns, rows, slices.length];
};
