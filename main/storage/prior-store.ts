import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { AppError } from '../../contract/errors/app-error.ts';
import { checkName } from '../../contract/model-reference.ts';
import type { PriorStore, StoredPrior } from '../jobs/ports.ts';
import type { GreyPicture } from '../jobs/result-ports.ts';
import { decodeSafetensors, encodeSafetensors, type StoredPrecision } from './arrays/safetensors.ts';
import type { AuditLog } from './audit-log.ts';
import { besides, exists, tidy } from './files/drafts.ts';
import { touching } from './files/file-failure.ts';
import { replaceFolder } from './files/replace-folder.ts';
import { sha256 } from './files/sha256.ts';
import { withLock } from './files/with-lock.ts';
import { folderNames } from './models/model-versions.ts';
import { type FolderFiles, folderReader, readSealed, sealFiles, writeFiles } from './models/sealed-folder.ts';
import { encodePng, greyRaster } from './pictures/raster.ts';
import { type RecordKind, readRecord, recordText } from './records/versioned-record.ts';

export interface PriorDraft extends Omit<StoredPrior, 'sha256'> {
  /** Markdown. */
  readonly card: string;
  /** Pictures of samples by file name, kept under `images/` as PNG. */
  readonly pictures?: Readonly<Record<string, GreyPicture>>;
}

export interface FilePriorStore extends PriorStore {
  publish(prior: PriorDraft): Promise<StoredPrior>;
}

interface PriorStoreSettings {
  readonly home: string;
  readonly resources: string;
  readonly audit: AuditLog;
}

const recordKind: RecordKind<{ readonly name: string; readonly report: Readonly<Record<string, unknown>> }> = {
  schema: z.object({ version: z.literal(1), name: z.string(), report: z.record(z.string(), z.unknown()) }),
  migrations: [],
};
const names = { record: 'record.json', weights: 'weights.safetensors', card: 'PRIOR_CARD.md' } as const;

/** `home/priors/NAME/`; one of the same name in `resources/priors/` is hidden by it. Learned anew, the old one is replaced. */
export function openPriorStore({ home, resources, audit }: PriorStoreSettings): FilePriorStore {
  const roots = [join(home, 'priors'), join(resources, 'priors')] as const;
  const list = async () => {
    const [own, shipped] = [await folderNames(roots[0]), await folderNames(roots[1])];
    return [...new Set([...own, ...shipped])].sort().map((name) => ({ name, shipped: !own.includes(name) }));
  };
  const load = async (name: string): Promise<StoredPrior> => {
    checkName(name);
    for (const root of roots) if (await exists(join(root, name))) return readPrior(join(root, name));
    throw new AppError('storage/no-such-prior', { name, known: (await list()).map((one) => one.name).join(', ') });
  };
  const publish = async (prior: PriorDraft): Promise<StoredPrior> => {
    const target = join(roots[0], checkName(prior.name));
    const files = encodePrior(prior);
    await touching(target, async () => {
      await mkdir(roots[0], { recursive: true });
      await tidy(roots[0]);
      const draft = besides(target, 'draft');
      try {
        await writeFiles(draft, files);
        await withLock(home, 'store', async () => {
          await audit.append('prior/publish', { name: prior.name, weightsSha256: sha256(files[names.weights]!) });
          await replaceFolder(draft, target);
        });
      } finally {
        await rm(draft, { recursive: true, force: true });
      }
    });
    return load(prior.name);
  };
  return { list, load, publish };
}

/** The files of a prior's folder. */
export function encodePrior(prior: PriorDraft, precision: StoredPrecision = 'float32'): FolderFiles {
  const { name, record, weights, card, pictures = {} } = prior;
  const images = Object.entries(pictures).map(
    ([file, picture]) => [`images/${checkName(file)}`, encodePng(greyRaster(picture))] as const,
  );
  return sealFiles({
    [names.record]: new TextEncoder().encode(recordText({ version: 1, name, report: record })),
    [names.weights]: encodeSafetensors(weights, { precision }),
    [names.card]: new TextEncoder().encode(card),
    ...Object.fromEntries(images),
  });
}

async function readPrior(folder: string): Promise<StoredPrior> {
  const files = await readSealed(folderReader(folder), folder, Object.values(names));
  const { name, report } = readRecord(recordKind, files[names.record]!, join(folder, names.record)); // readSealed has found all
  const weights = files[names.weights]!;
  return {
    name,
    sha256: sha256(weights),
    record: report,
    weights: decodeSafetensors(weights, join(folder, names.weights)).arrays,
  };
}
