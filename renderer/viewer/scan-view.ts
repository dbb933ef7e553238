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
import type { Voxels } from '../connection.ts';
import { addVolume, removeVolume, turnWorld, valuesOf } from './cornerstone-volume.ts';
import { linkWindows, quantiles, watchPointers } from './pointer.ts';
import { forgetSteps, makeToolGroup, type PointerTool, startCornerstone } from './tools.ts';

export const planes = ['axial', 'sagittal', 'coronal'] as const;
export type Plane = (typeof planes)[number];

/** Values below `from` are clear; from there opacity grows with the value. */
export interface MapStyle {
  readonly from: number;
  readonly to: number;
  /** Opacity at `to`, 0 to 1. */
  readonly opacity: number;
}

export interface PointerReading {
  readonly pointRasMm: readonly [number, number, number];
  readonly voxel: readonly [number, number, number];
  readonly value: number;
  readonly label: number;
}

/** Three linked planes of one scan with its labels, contours and maps. Owns its volumes; `close` lets all of them go. */
export interface ScanView {
  choose(tool: PointerTool): void;
  setWindow(low: number, high: number): void;
  readonly range: readonly [number, number];
  setBrush(mm: number): void;
  /** Intensities that the threshold brush paints. */
  setThreshold(low: number, high: number): void;
  setStructure(label: number): void;
  setLocked(label: number, isLocked: boolean): void;
  showLabels(isShown: boolean, opacity: number): void;
  labels(): Uint8Array;
  /** Changes all labels as one step that can be undone. */
  replaceLabels(next: Uint8Array, record?: boolean): void;
  showMap(map: Voxels | undefined, style: MapStyle): void;
  styleMap(style: MapStyle): void;
  /** Outlines of where values reach each level. */
  showContours(probability: Voxels | undefined, levels: readonly number[]): void;
  undo(): void;
  redo(): void;
  jumpTo(pointRasMm: readonly [number, number, number]): void;
  centre(): readonly [number, number, number];
  setSlab(mm: number): void;
  reset(): void;
  resize(): void;
  close(): void;
}

export interface ScanViewSettings {
  readonly elements: Readonly<Record<Plane, HTMLDivElement>>;
  readonly image: Voxels;
  readonly labels: Uint8Array;
  onEdit(): void;
  onPointer(reading: PointerReading): void;
  onWindow(low: number, high: number): void;
}

let opened = 0;
/** Okabe and Ito's palette: told apart by all kinds of colour vision. */
export const structureColours: readonly (readonly [number, number, number])[] = [
  [230, 159, 0],
  [86, 180, 233],
  [0, 158, 115],
  [240, 228, 66],
  [0, 114, 178],
  [213, 94, 0],
  [204, 121, 167],
];
const contourColours = [
  [255, 255, 255, 255],
  [255, 210, 77, 255],
  [255, 110, 64, 255],
] as const;
const lut = (): Types.ColorLUT => [
  [0, 0, 0, 0],
  ...Array.from({ length: 255 }, (_, n) => [...structureColours[n % structureColours.length]!, 255] as Types.Color),
];

export async function openScanView(settings: ScanViewSettings): Promise<ScanView> {
  await startCornerstone();
  const name = `scan-${++opened}`;
  const engine = new RenderingEngine(name);
  const viewportIds = planes.map((plane) => `${name}/${plane}`);
  const ids = { image: `${name}:image`, labels: `${name}:labels`, map: `${name}:map` };
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
  const range = quantiles(valuesOf(ids.image));
  const viewports = () => viewportIds.map((id) => engine.getViewport(id) as Types.IVolumeViewport); // as set above
  await setVolumesForViewports(engine, [{ volumeId: ids.image }], viewportIds);
  const setWindow = (low: number, high: number) => {
    for (const viewport of viewports()) viewport.setProperties({ voiRange: { lower: low, upper: high } }, ids.image);
    engine.render();
  };
  setWindow(...range);

  addVolume(
    ids.labels,
    { header: { ...settings.image.header, components: 1, type: 'uint8' }, voxels: settings.labels.slice() },
    name,
  );
  addLabelmap(ids.labels, viewportIds, lut());
  tools.segmentation.activeSegmentation.setActiveSegmentation(viewportIds[0]!, ids.labels);
  for (const id of viewportIds) tools.segmentation.activeSegmentation.setActiveSegmentation(id, ids.labels);
  toolGroup.choose('crosshairs');
  const contours: string[] = [];
  let hasMap = false;

  const onData = (event: Event) => {
    if ((event as CustomEvent<{ segmentationId: string }>).detail.segmentationId === ids.labels) settings.onEdit();
  };
  eventTarget.addEventListener(tools.Enums.Events.SEGMENTATION_DATA_MODIFIED, onData);
  const stopListening = watchPointers({ settings, ids, image, viewports: () => viewports() });
  const stopWindows = linkWindows(settings, { ids, viewports: () => viewports() });

  const style = (map: MapStyle) => {
    const { from, to, opacity } = map;
    for (const viewport of viewports())
      viewport.setProperties(
        {
          colormap: {
            name: 'Inferno (matplotlib)',
            opacity: [
              { value: 0, opacity: 0 },
              { value: from, opacity: 0 },
              { value: to, opacity },
            ],
          },
          voiRange: { lower: 0, upper: to },
        },
        ids.map,
      );
    engine.render();
  };
  const write = (values: Uint8Array) => {
    cache.getVolume(ids.labels)!.voxelManager!.setCompleteScalarDataArray!(values);
    tools.segmentation.triggerSegmentationEvents.triggerSegmentationDataModified(ids.labels);
  };
  const labels = () => Uint8Array.from(valuesOf(ids.labels) as ArrayLike<number>);
  const removeContours = () => {
    for (const id of contours.splice(0)) {
      for (const viewportId of viewportIds) tools.segmentation.removeLabelmapRepresentation(viewportId, id);
      tools.segmentation.removeSegmentation(id);
      removeVolume(id);
    }
  };
  const removeMap = () => {
    if (!hasMap) return;
    for (const viewport of viewports()) {
      const actors = viewport.getActors().filter(({ referencedId }) => referencedId === ids.map);
      viewport.removeVolumeActors(
        actors.map(({ uid }) => uid),
        true,
      );
    }
    removeVolume(ids.map);
    hasMap = false;
  };

  return {
    range,
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
    replaceLabels: (next, record = true) => {
      const before = labels();
      const after = next.slice();
      write(after);
      if (record)
        coreUtilities.HistoryMemo.DefaultHistoryMemo.push({
          restoreMemo: (isUndo?: boolean) => write(isUndo === false ? after : before),
        });
    },
    showMap: (map, mapStyle) => {
      removeMap();
      if (!map) return engine.render();
      addVolume(ids.map, map, name);
      hasMap = true;
      void Promise.all(
        viewports().map((viewport) =>
          viewport.addVolumes([
            { volumeId: ids.map, visibility: true, blendMode: Enums.BlendModes.MAXIMUM_INTENSITY_BLEND },
          ]),
        ),
      ).then(() => style(mapStyle));
    },
    styleMap: (mapStyle) => {
      if (hasMap) style(mapStyle);
    },
    showContours: (probability, levels) => {
      removeContours();
      if (!probability) return engine.render();
      for (const [n, level] of levels.entries()) {
        const id = `${name}:contour-${level}`;
        const inside = Uint8Array.from(probability.voxels as ArrayLike<number>, (value) => (value >= level ? 1 : 0));
        addVolume(id, { header: { ...probability.header, components: 1, type: 'uint8' }, voxels: inside }, name);
        contours.push(id);
        addLabelmap(id, viewportIds, [[0, 0, 0, 0], [...contourColours[n % contourColours.length]!]]);
        tools.segmentation.segmentationStyle.setStyle(
          { segmentationId: id, type: tools.Enums.SegmentationRepresentations.Labelmap },
          {
            renderFill: false,
            renderFillInactive: false,
            renderOutline: true,
            renderOutlineInactive: true,
            outlineWidth: n === 1 ? 3 : 2,
            outlineWidthInactive: n === 1 ? 3 : 2,
            outlineOpacity: 1,
            outlineOpacityInactive: 1,
          },
        );
      }
      for (const id of viewportIds) tools.segmentation.activeSegmentation.setActiveSegmentation(id, ids.labels);
      engine.render();
    },
    undo: () => coreUtilities.HistoryMemo.DefaultHistoryMemo.undo(),
    redo: () => coreUtilities.HistoryMemo.DefaultHistoryMemo.redo(),
    jumpTo: (pointRasMm) => {
      const point = turnWorld(pointRasMm);
      for (const viewport of viewports()) moveThrough(viewport, point);
      const crosshairs = toolGroup.group.getToolInstance('Crosshairs') as tools.CrosshairsTool | undefined;
      crosshairs?.setToolCenter(point, true);
      engine.render();
    },
    centre: () => {
      const [axial, sagittal, coronal] = viewports().map((viewport) => viewport.getCamera().focalPoint!);
      return turnWorld([sagittal![0], coronal![1], axial![2]]);
    },
    setSlab: (mm) => {
      for (const viewport of viewports()) {
        viewport.setBlendMode(mm > 0 ? Enums.BlendModes.MAXIMUM_INTENSITY_BLEND : Enums.BlendModes.COMPOSITE);
        viewport.setSlabThickness(Math.max(mm, 0.1));
      }
      engine.render();
    },
    reset: () => {
      for (const viewport of viewports()) viewport.resetCamera();
      engine.render();
    },
    resize: () => engine.resize(true, true),
    close: () => {
      eventTarget.removeEventListener(tools.Enums.Events.SEGMENTATION_DATA_MODIFIED, onData);
      stopListening();
      stopWindows();
      removeContours();
      removeMap();
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

function addLabelmap(id: string, viewportIds: readonly string[], colours: Types.ColorLUT): void {
  const { Labelmap } = tools.Enums.SegmentationRepresentations;
  tools.segmentation.addSegmentations([
    { segmentationId: id, representation: { type: Labelmap, data: { volumeId: id } } },
  ]);
  for (const viewportId of viewportIds)
    tools.segmentation.addLabelmapRepresentationToViewport(viewportId, [
      { segmentationId: id, config: { colorLUTOrIndex: colours } },
    ]);
}

/** Brings the slice that holds a point into a plane, without panning it. */
function moveThrough(viewport: Types.IVolumeViewport, point: Types.Point3): void {
  const { focalPoint, position, viewPlaneNormal } = viewport.getCamera();
  if (!focalPoint || !position || !viewPlaneNormal) return;
  const way = viewPlaneNormal.reduce((sum, part, n) => sum + part * (point[n]! - focalPoint[n]!), 0);
  const moved = (from: Types.Point3) => from.map((part, n) => part + way * viewPlaneNormal[n]!) as Types.Point3;
  viewport.setCamera({ focalPoint: moved(focalPoint), position: moved(position) });
}
