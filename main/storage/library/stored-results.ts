import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ScanResult } from '../../../contract/app/scan-entry.ts';
import { listFolder } from '../files/list-folder.ts';

/** Results of a scan, the newest first. */
export async function resultsOf(
  folder: string,
  readReport: (path: string) => Promise<ScanResult['report'] | undefined>,
): Promise<ScanResult[]> {
  const results: ScanResult[] = [];
  for (const id of await listFolder(folder)) {
    const path = join(folder, id, 'image', 'report.json');
    const report = await readReport(path);
    const written = report && (await stat(path).catch(() => undefined));
    if (!written) continue; // a run that was stopped, or one whose next interim result takes this one's place just now
    results.push({ id, createdAt: written.mtime.toISOString(), report });
  }
  return results.sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1));
}
