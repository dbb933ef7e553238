import {
  cache,
  utilities as coreUtilities,
  Enums,
  eventTarget,
  RenderingEngine,
  setVolumesForViewports,
  type Types,
} from '@cornerstonejs/core';
import * as tools from '@cornerstonejs/tools';
import { labelLut } from './colours.ts';
import { addVolume, removeVolume, showComponent, turnWorld, valuesOf } from './cornerstone-volume.ts';
import { removeDistances, watchDistances } from './distances.ts';
import { keepPlace } from './keep-place.ts';
import { applyChange, changeBetween } from './label-change.ts';
import { addLabelmap, type Overlays, openOverlays } from './overlays.ts';
import { linkWindows, quantiles, watchPointers } from './pointer.ts';
import { type Plane, planes, type ScanViewSettings } from './scan-view-settings.ts';
import { forgetSteps, makeToolGroup, type PointerTool, startCornerstone } from './tools.ts';

/** How a slab's values become one picture. */
export type SlabBlend = 'highest' | 'mean' | 'lowest';

export interface ScreenPlace {
  readonly x: number;
  readonly y: number;
  readonly pixelsPerMm: number;
}

/** Three linked planes of one scan with its labels, contours and maps. Owns its volumes; `close` lets all of them go. */
export interface ScanView {
  choose(tool: PointerTool): void;
  setWindow(low: number, high: number): void;
  /** Window of the image on the screen by its own values. */
  readonly range: readonly [number, number];
  /** Puts another of the scan's images on the screen, from 0, in its own window. */
  showChannel(channel: number): void;
  setBrush(mm: number): void;
  /** Intensities that the threshold brush paints. */
  setThreshold(low: number, high: number): void;
  setStructure(label: number): void;
  setLocked(label: number, isLocked: boolean): void;
  showLabels(isShown: boolean, opacity: number): void;
  labels(): Uint8Array;
  /** Changes all labels as one step that can be undone. */
  replaceLabels(next: Uint8Array): void;
  readonly overlays: Omit<Overlays, 'close'>;
  undo(): void;
  redo(): void;
  jumpTo(pointRasMm: readonly [number, number, number]): void;
  centre(): readonly [number, number, number];
  /** Thickness 0 is one slice. */
  setSlab(mm: number, blend: SlabBlend): void;
  removeDistances(): void;
  /** Where a point is on a plane, pixels from its top left, and how many pixels a mm takes. */
  placeOf(plane: Plane, pointRasMm: readonly [number, number, number]): ScreenPlace;
  /** The point of a plane's slice at a place of the screen, pixels from the plane's top left. */
  pointAt(plane: Plane, x: number, y: number): readonly [number, number, number];
  reset(): void;
  resize(): void;
  close(): void;
}

let opened = 0;
const blends: Readonly<Record<SlabBlend, Enums.BlendModes>> = {
  highest: Enums.BlendModes.MAXIMUM_INTENSITY_BLEND,
  mean: Enums.BlendModes.AVERAGE_INTENSITY_BLEND,
  lowest: Enums.BlendModes.MINIMUM_INTENSITY_BLEND,
};
export async function openScanView(settings: ScanViewSettings): Promise<ScanView> {
  await startCornerstone();
  const name = `scan-${++opened}`;
  const engine = new RenderingEngine(name);
  const viewportIds = planes.map((plane) => `${name}/${plane}`);
  const ids = { image: `${name}.image`, labels: `${name}.labels`, map: `${name}.map` };
  engine.setViewports(
    planes.map((plane, n) => ({
      viewportId: viewportIds[n]!,
      type: Enums.ViewportType.ORTHOGRAPHIC,
      element: settings.elements[plane],
      defaultOptions: { orientation: plane as Enums.OrientationAxis, background: [0.03, 0.04, 0.05] as Types.Point3 },
    })),
  );
  const toolGroup = makeToolGroup(name, name, viewportIds);
  const image = addVolume(ids.image, settings.image, name);
  const [ni, nj, nk] = settings.image.header.size;
  const rangeOf = (channel: number) =>
    quantiles(settings.image.voxels.subarray(channel * ni * nj * nk, (channel + 1) * ni * nj * nk));
  let range = rangeOf(0);
  const viewports = () => viewportIds.map((id) => engine.getViewport(id) as Types.IVolumeViewport); // as set above
  await setVolumesForViewports(engine, [{ volumeId: ids.image }], viewportIds);
  const setWindow = (low: number, high: number) => {
    for (const viewport of viewports()) viewport.setProperties({ voiRange: { lower: low, upper: high } }, ids.image);
    engine.render();
  };
  setWindow(...range);
  await shownFrame();

  addVolume(
    ids.labels,
    { header: { ...settings.image.header, components: 1, type: 'uint8' }, voxels: settings.labels.slice() },
    name,
    ids.image,
  );
  addLabelmap(ids.labels, viewportIds, labelLut());
  tools.segmentation.activeSegmentation.setActiveSegmentation(viewportIds[0]!, ids.labels);
  for (const id of viewportIds) tools.segmentation.activeSegmentation.setActiveSegmentation(id, ids.labels);
  toolGroup.choose('crosshairs');
  const jumpTo = (pointRasMm: readonly [number, number, number]) => {
    const point = turnWorld(pointRasMm);
    for (const viewport of viewports()) moveThrough(viewport, point);
    const crosshairs = toolGroup.group.getToolInstance('Crosshairs') as tools.CrosshairsTool | undefined;
    crosshairs?.setToolCenter(point, true);
    engine.render();
  };
  const centre = () => {
    const [axial, sagittal, coronal] = viewports().map((viewport) => viewport.getCamera().focalPoint!);
    return turnWorld([sagittal![0], coronal![1], axial![2]]);
  };
  const overlays = openOverlays({ name, engine, viewportIds, activeId: ids.labels });
  keepPlace(viewports(), centre, jumpTo);

  const onData = (event: Event) => {
    if ((event as CustomEvent<{ segmentationId: string }>).detail.segmentationId === ids.labels) settings.onEdit();
  };
  eventTarget.addEventListener(tools.Enums.Events.SEGMENTATION_DATA_MODIFIED, onData);
  const stopListening = watchPointers({ settings, ids, image, viewports: () => viewports() });
  const stopWindows = linkWindows(settings, { ids, viewports: () => viewports() });
  const stopDistances = watchDistances(settings.onDistances);

  /** A copy, of the type that was added. */
  const labels = () => valuesOf(ids.labels) as Uint8Array<ArrayBuffer>;

  return {
    get range() {
      return range;
    },
    showChannel: (channel) => {
      showComponent(ids.image, settings.image, channel);
      range = rangeOf(channel);
      setWindow(...range);
    },
    overlays,
    choose: toolGroup.choose,
    setWindow,
    setBrush: (mm) => tools.utilities.segmentation.setBrushSizeForToolGroup(name, mm),
    setThreshold: (low, high) =>
      tools.utilities.segmentation.setBrushThresholdForToolGroup(name, {
        range: [low, high],
        isDynamic: false,
        dynamicRadius: 0,
      }),
    setStructure: (label) => tools.segmentation.segmentIndex.setActiveSegmentIndex(ids.labels, label),
    setLocked: (label, isLocked) =>
      tools.segmentation.segmentLocking.setSegmentIndexLocked(ids.labels, label, isLocked),
    showLabels: (isShown, opacity) => {
      const specifier = { segmentationId: ids.labels, type: tools.Enums.SegmentationRepresentations.Labelmap };
      for (const viewportId of viewportIds)
        tools.segmentation.config.visibility.setSegmentationRepresentationVisibility(viewportId, specifier, isShown);
      tools.segmentation.segmentationStyle.setStyle(specifier, {
        fillAlpha: opacity,
        fillAlphaInactive: opacity,
        outlineWidth: 1,
      });
      engine.render();
    },
    labels,
    replaceLabels: (next) => {
      const change = changeBetween(labels(), next);
      if (!change) return;
      write('after');
      coreUtilities.HistoryMemo.DefaultHistoryMemo.push({
        restoreMemo: (isUndo?: boolean) => write(isUndo === false ? 'after' : 'before'),
      });
      function write(side: 'before' | 'after'): void {
        const now = labels();
        applyChange(now, change!, side);
        cache.getVolume(ids.labels)!.voxelManager!.setCompleteScalarDataArray!(now);
        tools.segmentation.triggerSegmentationEvents.triggerSegmentationDataModified(ids.labels);
      }
    },
    undo: () => coreUtilities.HistoryMemo.DefaultHistoryMemo.undo(),
    redo: () => coreUtilities.HistoryMemo.DefaultHistoryMemo.redo(),
    jumpTo,
    centre,
    setSlab: (mm, blend) => {
      for (const viewport of viewports()) {
        const actors = viewport.getActors().filter(({ referencedId }) => referencedId === ids.image);
        viewport.setBlendMode(
          mm > 0 ? blends[blend] : Enums.BlendModes.COMPOSITE,
          actors.map(({ uid }) => uid),
        ); // maps keep theirs
        viewport.setSlabThickness(Math.max(mm, 0.1));
      }
      engine.render();
    },
    removeDistances: () => {
      removeDistances();
      engine.render();
    },
    placeOf: (plane, pointRasMm) => {
      const viewport = viewports()[planes.indexOf(plane)]!;
      const point = turnWorld(pointRasMm);
      const up = viewport.getCamera().viewUp!;
      const [x, y] = viewport.worldToCanvas(point);
      const [ux, uy] = viewport.worldToCanvas(point.map((part, n) => part + up[n]!) as Types.Point3);
      return { x, y, pixelsPerMm: Math.hypot(ux - x, uy - y) };
    },
    pointAt: (plane, x, y) => turnWorld(viewports()[planes.indexOf(plane)]!.canvasToWorld([x, y])),
    reset: () => {
      for (const viewport of viewports()) viewport.resetCamera();
      engine.render();
    },
    resize: () => engine.resize(true, true),
    close: () => {
      eventTarget.removeEventListener(tools.Enums.Events.SEGMENTATION_DATA_MODIFIED, onData);
      stopListening();
      stopWindows();
      stopDistances();
      overlays.close();
      tools.segmentation.removeAllSegmentationRepresentations();
      tools.segmentation.removeSegmentation(ids.labels);
      forgetSteps(); // they belong to labels that are gone
      toolGroup.destroy();
      engine.destroy();
      removeVolume(ids.labels);
      removeVolume(ids.image);
    },
  };
}

/**
 * Until the image is on the screen, since what comes after it takes its time: it is drawn in the next frame, and painted before the one
 * after that. A hidden window draws no frames.
 */
const shownFrame = (): Promise<unknown> =>
  Promise.race([
    new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))),
    new Promise((resolve) => setTimeout(resolve, document.hidden ? 0 : 2000)),
  ]);

/** Brings the slice that holds a point into a plane, without panning it. */
function moveThrough(viewport: Types.IVolumeViewport, point: Types.Point3): void {
  const { focalPoint, position, viewPlaneNormal } = viewport.getCamera();
  if (!focalPoint || !position || !viewPlaneNormal) return;
  const way = viewPlaneNormal.reduce((sum, part, n) => sum + part * (point[n]! - focalPoint[n]!), 0);
  const moved = (from: Types.Point3) => from.map((part, n) => part + way * viewPlaneNormal[n]!) as Types.Point3;
  viewport.setCamera({ focalPoint: moved(focalPoint), position: moved(position) });
}
