import { eventTarget, type Types } from '@cornerstonejs/core';
import * as tools from '@cornerstonejs/tools';
import { toolNames } from './tools.ts';

const distances = () =>
  tools.annotation.state.getAllAnnotations().filter(({ metadata }) => metadata?.toolName === toolNames.length);

/** Tells the lengths of all distances, mm, in the order in which they were drawn, when one is drawn, moved or removed. Returns what stops it. */
export function watchDistances(onDistances: (mm: readonly number[]) => void): () => void {
  const tell = () =>
    onDistances(
      distances().flatMap(({ data }) => {
        const [from, to] = (data.handles?.points ?? []) as readonly Types.Point3[];
        return from && to ? [Math.hypot(...from.map((part, n) => part - to[n]!))] : [];
      }),
    );
  const { ANNOTATION_COMPLETED, ANNOTATION_MODIFIED, ANNOTATION_REMOVED } = tools.Enums.Events;
  const events = [ANNOTATION_COMPLETED, ANNOTATION_MODIFIED, ANNOTATION_REMOVED];
  for (const event of events) eventTarget.addEventListener(event, tell);
  return () => {
    for (const event of events) eventTarget.removeEventListener(event, tell);
  };
}

export function removeDistances(): void {
  for (const { annotationUID } of distances())
    if (annotationUID) tools.annotation.state.removeAnnotation(annotationUID);
}
