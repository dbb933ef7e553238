import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type ScanEntry, type ScanRecord, type Structure, scanRecordSchema } from '../../../contract/app/scan-entry.ts';
import { AppError } from '../../../contract/errors/app-error.ts';
import { segmentationReportSchema } from '../../../contract/segmentation-report.ts';
import type { DicomReference } from '../../imaging/dicom/dicom-reference.ts';
import { sameGrid, spacingMm } from '../../imaging/geometry/grids.ts';
import type { Grid, Volume } from '../../imaging/volume.ts';
import type { ScanLibrary } from '../../jobs/ports.ts';
import { referencePath, referenceRecord } from '../dicom/reference-file.ts';
import { besides, exists, tidy } from '../files/drafts.ts';
import { touching } from '../files/file-failure.ts';
import { listFolder } from '../files/list-folder.ts';
import { gzipNifti, plainNifti } from '../files/nifti-streams.ts';
import { readFileIfThere } from '../files/read-file.ts';
import { rememberFiles } from '../files/remembered-file.ts';
import { replaceFolder } from '../files/replace-folder.ts';
import { withLock } from '../files/with-lock.ts';
import { writeFileAtomically, writeNewFile } from '../files/write-file.ts';
import { hashVolume } from '../hash-volume.ts';
import { thumbnailPng } from '../pictures/thumbnail.ts';
import { parseJson, type RecordKind, readRecord, recordText } from '../records/versioned-record.ts';
import { resultsOf } from './stored-results.ts';
import { streamVoxels } from './stored-voxels.ts';

const recordKind: RecordKind<ScanRecord> = { schema: scanRecordSchema, migrations: [] };
/** Scans whose files are read side by side. */
const readAtOnce = 64;

const files = {
  record: 'scan.json',
  /** Not compressed: a scan opens in half of the time. */
  image: 'image.nii',
  labels: 'labels.nii.gz',
  results: 'results',
  thumbnail: 'thumbnail.png',
} as const;

/** What the app keeps of scans: `home/library/ID/` holds the image as it was read, the person's labels, and results. */
export interface FileScanLibrary extends ScanLibrary {
  list(): Promise<readonly ScanEntry[]>;
  entry(id: string): Promise<ScanEntry>;
  update(id: string, change: Partial<Pick<ScanRecord, 'name' | 'tags' | 'review'>>): Promise<ScanEntry>;
  remove(id: string): Promise<void>;
  /**
   * Labels on the image's grid; approval of those before ends. `known`: the hash of the labels that these were drawn on, '' for none.
   * @throws AppError `library/other-grid`, `library/labels-changed` where others were saved meanwhile
   */
  saveLabels(id: string, labels: Volume, known?: string): Promise<ScanEntry>;
  setStructures(id: string, structures: readonly Structure[]): Promise<ScanEntry>;
  /** Path of one of a scan's images: `image`, `labels`, or a map of a result. @throws AppError `library/no-such-scan` */
  pathOf(id: string, image: 'image' | 'labels' | { readonly result: string; readonly map: string }): string;
  /** A new folder's path for a result. */
  newResult(id: string): string;
  /** Small picture of a scan, PNG; drawn once. */
  thumbnail(id: string): Promise<Uint8Array>;
}

/** @param readVolume reads an image file */
export function openScanLibrary(home: string, readVolume: (path: string) => Promise<Volume>): FileScanLibrary {
  const root = join(home, 'library');
  const folderOf = (id: string): string => {
    if (!/^[0-9a-f]{12}$/.test(id)) throw new AppError('library/no-such-scan', { id });
    return join(root, id);
  };
  const readScan = rememberFiles((bytes, path) => readRecord(recordKind, bytes, path));
  const readReport = rememberFiles((bytes, path) => segmentationReportSchema.parse(parseJson(bytes, path)));
  let ids: Map<string, string> | undefined; // by hash, once something is added: listing thousands for each would take hours
  let isTidy = false; // what dead processes left beside results is looked for once
  const at = (id: string, file: string) => join(folderOf(id), file);
  /** Libraries of the first versions hold compressed images. */
  const imageOf = (id: string): string => {
    const plain = at(id, files.image);
    return existsSync(plain) ? plain : `${plain}.gz`;
  };
  const recordOf = async (id: string): Promise<ScanRecord> => {
    const record = await readScan(at(id, files.record));
    if (!record) throw new AppError('library/no-such-scan', { id });
    return record;
  };
  const entry = async (id: string): Promise<ScanEntry> => ({
    ...(await recordOf(id)),
    results: await resultsOf(at(id, files.results), readReport),
  });
  const changeAfter = (
    id: string,
    before: (record: ScanRecord) => Promise<void>,
    next: (record: ScanRecord) => ScanRecord,
  ): Promise<ScanEntry> =>
    withLock(folderOf(id), 'record', async () => {
      const record = await recordOf(id);
      await before(record);
      await writeFileAtomically(at(id, files.record), recordText(next(record)));
      return entry(id);
    });
  const change = (id: string, next: (record: ScanRecord) => ScanRecord): Promise<ScanEntry> =>
    changeAfter(id, async () => {}, next);
  const keepReference = async (id: string, reference: DicomReference): Promise<void> => {
    await writeFileAtomically(referencePath(imageOf(id)), recordText(referenceRecord(reference)));
    await change(id, (record) => ({ ...record, dicom: true }));
  };
  /** Where an image lies, from its header where that is enough. */
  const gridOf = async (path: string): Promise<Grid> => {
    const stored = await streamVoxels(path);
    stored?.close();
    return stored ?? (await readVolume(path));
  };
  const saveLabels: FileScanLibrary['saveLabels'] = async (id, labels, known) => {
    const { name } = await recordOf(id);
    if (!sameGrid(await gridOf(imageOf(id)), labels)) throw new AppError('library/other-grid', { name });
    const sha256 = hashVolume(labels);
    const write = async (record: ScanRecord): Promise<void> => {
      if (known !== undefined && known !== (record.labels?.sha256 ?? ''))
        throw new AppError('library/labels-changed', { name });
      await writeFileAtomically(at(id, files.labels), gzipNifti(labels));
    };
    return changeAfter(id, write, (record) => ({
      ...record,
      review: record.labels?.sha256 === sha256 ? record.review : 'in review',
      labels: {
        updatedAt: new Date().toISOString(),
        sha256,
        structures: record.labels?.structures ?? structuresIn(labels),
      },
    }));
  };
  const setStructures: FileScanLibrary['setStructures'] = (id, structures) =>
    change(id, (record) => ({
      ...record,
      labels: {
        ...(record.labels ?? { updatedAt: new Date().toISOString(), sha256: '' }),
        structures: [...structures],
      },
    }));
  const list = async () => {
    await mkdir(root, { recursive: true });
    await tidy(root);
    const ids = (await listFolder(root)).filter((name) => /^[0-9a-f]{12}$/.test(name));
    const entries: ScanEntry[] = [];
    const entryIfThere = async (id: string) => {
      if (!isTidy) await tidy(at(id, files.results));
      return (await readScan(at(id, files.record))) ? [await entry(id)] : [];
    };
    for (let n = 0; n < ids.length; n += readAtOnce)
      entries.push(...(await Promise.all(ids.slice(n, n + readAtOnce).map(entryIfThere))).flat());
    isTidy = true;
    return entries.sort((a, b) => (a.addedAt < b.addedAt ? 1 : a.addedAt > b.addedAt ? -1 : a.name < b.name ? -1 : 1));
  };
  return {
    list,
    entry,
    async add({ name, volume, labels, structures, channels = [] }) {
      const imageSha256 = hashVolume(volume);
      ids ??= new Map((await list()).map((one) => [one.imageSha256, one.id]));
      const known = ids.get(imageSha256);
      const same = known === undefined ? undefined : await readScan(at(known, files.record));
      if (known !== undefined && same?.imageSha256 === imageSha256) {
        if (volume.dicom && !same.dicom) await keepReference(known, volume.dicom); // added by an older version, or as NIfTI
        const gotLabels = labels !== undefined && !same.labels?.sha256;
        if (gotLabels) {
          await saveLabels(known, labels);
          await setStructures(known, structures);
        }
        return { id: known, isNew: false, gotLabels };
      }
      const own = imageSha256.slice(0, 12); // a seed splits the same scans alike in every library
      const id = (await exists(folderOf(own))) ? randomBytes(6).toString('hex') : own;
      const record: ScanRecord = {
        version: 1,
        id,
        name,
        addedAt: new Date().toISOString(),
        size: [...volume.size],
        spacingMm: [...spacingMm(volume)],
        components: volume.components,
        channels: [...channels],
        pictures: volume.pictures ?? null,
        dicom: volume.dicom !== undefined,
        imageSha256,
        tags: [],
        review: 'new',
        labels: labels
          ? { updatedAt: new Date().toISOString(), sha256: hashVolume(labels), structures: [...structures] }
          : null,
        warnings: [...volume.warnings],
      };
      const draft = besides(folderOf(id), 'draft');
      try {
        await touching(draft, async () => {
          await mkdir(draft, { recursive: true });
          const image = join(draft, files.image);
          await writeNewFile(image, plainNifti(volume));
          if (volume.dicom) await writeNewFile(referencePath(image), recordText(referenceRecord(volume.dicom)));
          if (labels) await writeNewFile(join(draft, files.labels), gzipNifti(labels));
          await writeNewFile(join(draft, files.thumbnail), thumbnailPng(volume));
          await writeNewFile(join(draft, files.record), recordText(record));
          await replaceFolder(draft, folderOf(id));
        });
      } finally {
        await rm(draft, { recursive: true, force: true });
      }
      ids.set(imageSha256, id);
      return { id, isNew: true, gotLabels: labels !== undefined };
    },
    update: (id, { name, tags, review }) =>
      change(id, (record) => ({
        ...record,
        name: name ?? record.name,
        tags: tags ?? record.tags,
        review: review ?? record.review,
      })),
    remove: async (id) => {
      await recordOf(id);
      const going = besides(folderOf(id), 'draft');
      await touching(folderOf(id), () => rename(folderOf(id), going));
      await rm(going, { recursive: true, force: true });
    },
    saveLabels,
    setStructures,
    pathOf(id, image) {
      if (typeof image === 'string') return image === 'image' ? imageOf(id) : at(id, files.labels);
      const { result, map } = image;
      if (!/^[0-9a-f]{12}$/.test(result) || !/^[a-z-]{1,40}$/.test(map))
        throw new AppError('library/no-such-scan', { id: result });
      return at(id, join(files.results, result, 'image', `${map}.nii.gz`));
    },
    newResult: (id) => at(id, join(files.results, randomBytes(6).toString('hex'))),
    async thumbnail(id) {
      const kept = await readFileIfThere(at(id, files.thumbnail));
      if (kept) return kept;
      const { pictures } = await recordOf(id);
      const image = await readVolume(imageOf(id));
      const drawn = thumbnailPng(pictures ? { ...image, pictures } : image); // of a library that an older version filled
      await writeFileAtomically(at(id, files.thumbnail), drawn);
      return drawn;
    },
  };
}

const structuresIn = ({ voxels }: Volume): Structure[] =>
  [...new Set(voxels)]
    .filter((label) => label > 0)
    .sort((a, b) => a - b)
    .map((label) => ({ label, name: `label ${label}` }));
