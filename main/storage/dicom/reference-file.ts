import { z } from 'zod';
import type { DicomReference } from '../../imaging/dicom/dicom-reference.ts';
import { readFileIfThere } from '../files/read-file.ts';
import { type RecordKind, readRecord } from '../records/versioned-record.ts';

const text = z.string().optional();
const instance = { sopClassUid: z.string(), sopInstanceUid: z.string() };
const referenceSchema = z.object({
  version: z.literal(1),
  patient: z.object({ name: text, id: text, birthDate: text, sex: text }),
  study: z.object({
    instanceUid: z.string(),
    id: text,
    date: text,
    time: text,
    accessionNumber: text,
    referringPhysician: text,
    description: text,
  }),
  seriesInstanceUid: z.string(),
  frameOfReferenceUid: z.string(),
  images: z.array(z.object(instance)),
  slices: z.array(z.object({ ...instance, frame: z.number().int().positive().optional() }).nullable()),
});
type ReferenceRecord = z.infer<typeof referenceSchema>;

const kind: RecordKind<ReferenceRecord> = { schema: referenceSchema, migrations: [] };

/** Beside an image of the library that was read from DICOM: `image.dicom.json` for `image.nii`. No other image has such a file, for it names the patient. */
export const referencePath = (imagePath: string): string => imagePath.replace(/\.nii(\.gz)?$/, '.dicom.json');

/** @throws AppError `storage/newer-version`, `storage/corrupted` */
export async function readReference(imagePath: string): Promise<DicomReference | undefined> {
  const path = referencePath(imagePath);
  const bytes = path === imagePath ? undefined : await readFileIfThere(path);
  if (!bytes) return undefined;
  const { version: _, ...reference } = readRecord(kind, bytes, path);
  return reference;
}

export const referenceRecord = (reference: DicomReference): ReferenceRecord =>
  referenceSchema.parse({ version: 1, ...reference });
