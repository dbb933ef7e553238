import type { JobState } from '../../contract/app/job-state.ts';
import { type ModelRecord, scansThatTrained } from '../../contract/model.ts';
import { type VersionComparison, versionComparisonSchema } from '../../contract/version-comparison.ts';
import { app } from '../app-state.svelte.ts';

/** Labelled scans that trained none of these versions: the only ones that tell them apart. */
export function unseenScans(records: readonly ModelRecord[]): string[] {
  const trained = new Set(
    records.flatMap((record) => scansThatTrained(record).flatMap(({ imageSha256 }) => imageSha256.split('+'))),
  );
  return app.scans.flatMap(({ id, labels, imageSha256 }) => (labels && !trained.has(imageSha256) ? [id] : []));
}

/** The newest comparison of two versions, in whatever state. */
export const comparisonJob = (name: string, versions: readonly [number, number]): JobState | undefined =>
  app.jobs.find(
    ({ request }) =>
      request.kind === 'compare-versions' && request.name === name && request.versions.join() === versions.join(),
  );

/** Its outcome; undefined until it has one. */
export function outcomeOf(job: JobState | undefined): VersionComparison | undefined {
  const parsed = job?.status === 'done' ? versionComparisonSchema.safeParse(job.result) : undefined;
  return parsed?.success ? parsed.data : undefined;
}
