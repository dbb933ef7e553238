import { mkdir, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { AppError } from '../../contract/errors/app-error.ts';
import type { ResultDraft, ResultFolders } from '../jobs/result-ports.ts';
import { besides, exists, tidy } from './files/drafts.ts';
import { touching } from './files/file-failure.ts';
import { listFolder } from './files/list-folder.ts';
import { gzipNifti, gzipNiftiSeries } from './files/nifti-streams.ts';
import { readFileIfThere } from './files/read-file.ts';
import { replaceFolder } from './files/replace-folder.ts';
import { type FileContent, syncFolder, writeFileAtomically, writeNewFile } from './files/write-file.ts';
import { renderOverview } from './pictures/overview.ts';
import { encodePng, greyRaster } from './pictures/raster.ts';
import { parseJson, recordText } from './records/versioned-record.ts';

/** Says that a folder was written by Fewscan, and may therefore be replaced by it. */
const markName = '.fewscan-result.json';

/** Results as folders and files. What draws pages and plots brings half a second of libraries: it is loaded where something is drawn. */
export const resultFolders: ResultFolders = {
  draft: openDraft,
  writeNifti: (path, volume) => writeFileAtomically(path, gzipNifti(volume)),
  writeJson: (path, value) => writeFileAtomically(path, recordText(value)),
  writeBytes: writeFileAtomically,
  writeText: writeFileAtomically,
  writeDemoPage: async (path, page) => {
    const { demoPage } = await import('./pages/demo-page.ts');
    await writeFileAtomically(path, demoPage(page));
  },
  writeComparisonPlot: async (path, comparison) => {
    const { comparisonPlot } = await import('./pages/comparison-plot.ts');
    await writeFileAtomically(path, comparisonPlot(comparison));
  },
  writeMinutesPlot: async (path, comparison) => {
    const { minutesPlot } = await import('./pages/comparison-plot.ts');
    const plot = minutesPlot(comparison);
    if (plot !== undefined) await writeFileAtomically(path, plot);
  },
  writeReproductionPlot: async (path, reproduction) => {
    const { reproductionPlot } = await import('./pages/reproduction-plot.ts');
    await writeFileAtomically(path, reproductionPlot(reproduction));
  },
  writePursuitPlot: async (path, reproduction) => {
    const { pursuitPlot } = await import('./pages/pursuit-plot.ts');
    await writeFileAtomically(path, pursuitPlot(reproduction));
  },
  writePicture: (path, picture) => writeFileAtomically(path, encodePng(greyRaster(picture))),
  readBytes: readFileIfThere,
  readJson: async (path) => {
    const bytes = await readFileIfThere(path);
    return bytes && parseJson(bytes, path);
  },
  list: listFolder,
};

/** @throws AppError `storage/foreign-folder` where `folder` holds what Fewscan did not write, `storage/not-a-folder`, `storage/disk-full` */
async function openDraft(folder: string): Promise<ResultDraft> {
  await refuseForeign(folder);
  const draft = besides(folder, 'draft');
  await touching(folder, async () => {
    await tidyIfThere(dirname(folder));
    await mkdir(draft, { recursive: true });
  });
  const write = (name: string, data: FileContent): Promise<void> =>
    touching(join(folder, name), async () => {
      const path = join(draft, name);
      await mkdir(dirname(path), { recursive: true });
      await writeNewFile(path, data);
    });
  return {
    writeBytes: write,
    writeJson: (name, value) => write(name, recordText(value)),
    writeNifti: (name, volume) => write(name, gzipNifti(volume)),
    writeNiftiSeries: (name, series) => write(name, gzipNiftiSeries(series)),
    writeDicomSegmentation: async (name, labels, reference, facts) => {
      const { segmentationObject } = await import('./dicom/dicom-objects.ts');
      await write(name, segmentationObject(labels, reference, facts));
    },
    writeDicomUncertainty: async (name, map, reference, classes) => {
      const { uncertaintyObject } = await import('./dicom/dicom-objects.ts');
      await write(name, uncertaintyObject(map, reference, classes));
    },
    writeOverview: (name, picture) => write(name, renderOverview(picture)),
    publish: () =>
      touching(folder, async () => {
        await writeNewFile(join(draft, markName), recordText({ version: 1, writtenBy: 'fewscan' }));
        await syncFolder(draft);
        await refuseForeign(folder);
        await replaceFolder(draft, folder);
      }),
    discard: () => rm(draft, { recursive: true, force: true }),
  };
}

async function refuseForeign(folder: string): Promise<void> {
  const found = await stat(folder).catch(() => undefined);
  if (!found) return;
  if (!found.isDirectory()) throw new AppError('storage/not-a-folder', { where: folder });
  const names = await listFolder(folder);
  if (names.length === 0 || names.includes(markName)) return;
  throw new AppError('storage/foreign-folder', { folder, found: names.slice(0, 3).join(', ') });
}

const tidyIfThere = async (folder: string): Promise<void> => {
  if (await exists(folder)) await tidy(folder);
};
