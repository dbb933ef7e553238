import { cache, Enums, type Types, utilities } from '@cornerstonejs/core';
import { turnWorld } from './cornerstone-volume.ts';
import { planes, type ScanViewSettings } from './scan-view-settings.ts';

interface Watched {
  readonly settings: ScanViewSettings;
  readonly ids: { readonly image: string; readonly labels: string };
  readonly image: Types.IImageVolume;
  readonly viewports: () => readonly Types.IVolumeViewport[];
}

/** Tells where the pointer is, in mm and voxels, with the value and the label there. Returns what stops it. */
export function watchPointers({ settings, ids, image, viewports }: Watched): () => void {
  const listeners = planes.map((plane, n) => {
    const element = settings.elements[plane];
    let last: MouseEvent | undefined;
    const read = ({ clientX, clientY }: MouseEvent) => {
      const { left, top } = element.getBoundingClientRect();
      const world = viewports()[n]!.canvasToWorld([clientX - left, clientY - top]);
      const [i, j, k] = utilities.transformWorldToIndex(image.imageData!, world) as [number, number, number];
      const [ni, nj, nk] = image.dimensions;
      if (i < 0 || j < 0 || k < 0 || i >= ni || j >= nj || k >= nk) return settings.onPointer(undefined);
      const at = i + ni * (j + nj * k);
      settings.onPointer({
        pointRasMm: turnWorld(world),
        voxel: [i, j, k],
        value: image.voxelManager!.getAtIndex(at) as number,
        label: (cache.getVolume(ids.labels)?.voxelManager?.getAtIndex(at) as number | undefined) ?? 0,
      });
    };
    const onMove = (event: MouseEvent) => {
      last = event;
      read(event);
    };
    const onLeave = () => {
      last = undefined;
    };
    const onCamera = () => last && read(last); // the wheel brings another slice under the pointer
    element.addEventListener('mousemove', onMove);
    element.addEventListener('mouseleave', onLeave);
    element.addEventListener(Enums.Events.CAMERA_MODIFIED, onCamera);
    return () => {
      element.removeEventListener('mousemove', onMove);
      element.removeEventListener('mouseleave', onLeave);
      element.removeEventListener(Enums.Events.CAMERA_MODIFIED, onCamera);
    };
  });
  return () => {
    for (const stop of listeners) stop();
  };
}

/** A window that is dragged in one plane holds in all three. Returns what stops it. */
export function linkWindows(
  settings: ScanViewSettings,
  {
    ids,
    viewports,
  }: { readonly ids: { readonly image: string }; readonly viewports: () => readonly Types.IVolumeViewport[] },
): () => void {
  let isOurs = false;
  const onChange = (event: Event) => {
    const { volumeId, range } = (event as CustomEvent<{ volumeId?: string; range: Types.VOIRange }>).detail;
    if (isOurs || volumeId !== ids.image) return;
    isOurs = true;
    for (const viewport of viewports())
      if (viewport.element !== event.target) {
        viewport.setProperties({ voiRange: range }, ids.image);
        viewport.render();
      }
    isOurs = false;
    settings.onWindow(range.lower, range.upper);
  };
  for (const plane of planes) settings.elements[plane].addEventListener(Enums.Events.VOI_MODIFIED, onChange);
  return () => {
    for (const plane of planes) settings.elements[plane].removeEventListener(Enums.Events.VOI_MODIFIED, onChange);
  };
}

/** The values that most of a scan lies between: its window at first. */
export function quantiles(values: ArrayLike<number>): [number, number] {
  const step = Math.max(1, Math.floor(values.length / 50_000));
  const some: number[] = [];
  for (let n = 0; n < values.length; n += step) some.push(values[n]!);
  some.sort((a, b) => a - b);
  const at = (share: number) => some[Math.min(some.length - 1, Math.floor(share * some.length))]!;
  const [low, high] = [at(0.01), at(0.995)];
  return high > low ? [low, high] : [low, low + 1];
}
