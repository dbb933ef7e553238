import { basename } from 'node:path';
import { AppError } from '../../../contract/errors/app-error.ts';
import { readHeader } from '../../imaging/dicom/file-header.ts';
import type { ListedHeader } from '../../imaging/dicom/group-series.ts';
import { isMediaDirectory, looksLikeDicom } from '../../imaging/dicom/parse-file.ts';
import type { DicomScan, JobContext } from '../../jobs/ports.ts';
import { type Candidate, candidates, type DicomSource } from './dicom-sources.ts';

const breatheEvery = 50;

/**
 * Headers of every DICOM file below the inputs, one file in memory at a time. Other files are counted, and files whose
 * header is damaged listed with the reason.
 */
export async function scanDicom(inputs: readonly string[], context: JobContext): Promise<DicomScan> {
  const sources: DicomSource[] = [];
  const headers: ListedHeader[] = [];
  const damaged: { name: string; reason: AppError }[] = [];
  let [seen, others] = [0, 0];
  for await (const candidate of candidates(inputs)) {
    if (seen % breatheEvery === 0) await context.breathe('reading headers');
    context.report({ phase: 'reading headers', done: ++seen, total: seen, unit: 'files' });
    const name = basename(candidate.source.entry ?? candidate.source.path);
    try {
      const header = await headerOf(candidate, name);
      if (header === 'none') others++;
      else if (header !== 'directory') {
        headers.push({ ...header, file: sources.length });
        sources.push(candidate.source);
      }
    } catch (cause) {
      if (!(cause instanceof AppError) || !cause.code.startsWith('dicom/')) throw cause;
      damaged.push({ name, reason: cause });
    }
  }
  return { sources, headers, others, damaged };
}

async function headerOf(candidate: Candidate, name: string) {
  const head = await candidate.head();
  if (!looksLikeDicom(head)) return 'none';
  if (isMediaDirectory(head)) return 'directory';
  if (head.length === candidate.byteLength) return readHeader(head, name);
  try {
    const header = readHeader(head, name);
    if (header.reachedPixels) return header;
  } catch (cause) {
    if (!(cause instanceof AppError)) throw cause; // the head may end within the header
  }
  return readHeader(await candidate.all(), name);
}
