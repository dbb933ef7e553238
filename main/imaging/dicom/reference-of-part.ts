import type { DicomReference, ReferencedFrame } from './dicom-reference.ts';
import type { ListedHeader, SeriesPart } from './group-series.ts';
import { evenCount } from './plan-stack.ts';

/** Of a volume of a series. @param headers of the files that its slices lie in */
export function referenceOfPart(part: SeriesPart, headers: readonly ListedHeader[]): DicomReference {
  const { header, plan } = part;
  const byFile = new Map(headers.map((one) => [one.file, one]));
  const frames = part.slices.map(({ file, slice }): ReferencedFrame => {
    const { sopClassUid, sopInstanceUid, image } = byFile.get(file)!; // slices come from these headers
    const isOneOfMany = new Set(image?.slices.map(({ frame }) => frame)).size > 1;
    return { sopClassUid, sopInstanceUid, ...(isOneOfMany && { frame: slice.frame + 1 }) };
  });
  const slices: (ReferencedFrame | null)[] = [];
  if (plan) {
    slices.push(...Array.from({ length: evenCount(plan.steps) }, () => null));
    if (!plan.corrections.includes('tilt'))
      for (const [n, step] of plan.steps.entries()) if (Number.isInteger(step)) slices[step] = frames[n]!;
  }
  return {
    patient: header.patient,
    study: { instanceUid: header.studyInstanceUid, ...header.study },
    seriesInstanceUid: header.seriesInstanceUid,
    frameOfReferenceUid: header.frameOfReferenceUid,
    images: [...new Map(frames.map(({ frame: _, ...image }) => [image.sopInstanceUid, image])).values()],
    slices,
  };
}
