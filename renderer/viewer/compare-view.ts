import { Enums, RenderingEngine, setVolumesForViewports, type Types } from '@cornerstonejs/core';
import * as tools from '@cornerstonejs/tools';
import type { Voxels } from '../connection.ts';
import { labelLut } from './colours.ts';
import { addVolume, removeVolume, turnWorld } from './cornerstone-volume.ts';
import { addLabelmap } from './overlays.ts';
import type { Plane } from './scan-view-settings.ts';

export interface CompareSettings {
  readonly elements: readonly [HTMLDivElement, HTMLDivElement];
  readonly image: Voxels;
  readonly plane: Plane;
  readonly window: readonly [number, number];
  readonly centreRasMm: readonly [number, number, number];
}

/** The same slice of one scan twice, under one camera and window, each with labels of its own. Wheel scrolls, left drags the window, right zooms, middle pans. */
export interface CompareView {
  show(side: 0 | 1, labels: Voxels | undefined): void;
  turnTo(plane: Plane): void;
  /** One slice on or back. */
  step(slices: number): void;
  resize(): void;
  close(): void;
}

let opened = 0;

export async function openCompareView({
  elements,
  image,
  plane,
  window,
  centreRasMm,
}: CompareSettings): Promise<CompareView> {
  const name = `compare-${++opened}`;
  const engine = new RenderingEngine(name);
  const ids = [`${name}/left`, `${name}/right`] as const;
  engine.setViewports(
    ids.map((viewportId, n) => ({
      viewportId,
      type: Enums.ViewportType.ORTHOGRAPHIC,
      element: elements[n]!,
      defaultOptions: { orientation: plane as Enums.OrientationAxis, background: [0.03, 0.04, 0.05] as Types.Point3 },
    })),
  );
  const viewport = (side: number) => engine.getViewport(ids[side]!) as Types.IVolumeViewport; // as set above
  const group = tools.ToolGroupManager.createToolGroup(name)!; // undefined only where the id is taken
  const { MouseBindings } = tools.Enums;
  for (const [tool, mouseButton] of [
    ['StackScroll', MouseBindings.Wheel],
    ['WindowLevel', MouseBindings.Primary],
    ['Zoom', MouseBindings.Secondary],
    ['Pan', MouseBindings.Auxiliary],
  ] as const) {
    group.addTool(tool);
    group.setToolActive(tool, { bindings: [{ mouseButton }] });
  }
  for (const id of ids) group.addViewport(id, name);
  const imageId = `${name}.image`; // of its own: a texture belongs to one engine
  addVolume(imageId, image, name);
  await setVolumesForViewports(engine, [{ volumeId: imageId }], [...ids]);
  for (const side of [0, 1])
    viewport(side).setProperties({ voiRange: { lower: window[0], upper: window[1] } }, imageId);
  const shown = new Map<number, string>();
  let versions = 0;

  let isOurs = false;
  /** What one side does the other follows. */
  const follow =
    (act: (from: Types.IVolumeViewport, to: Types.IVolumeViewport, event: Event) => void) => (event: Event) => {
      if (isOurs) return;
      isOurs = true;
      const side = event.currentTarget === elements[0] ? 0 : 1;
      act(viewport(side), viewport(1 - side), event);
      viewport(1 - side).render();
      isOurs = false;
    };
  const onCamera = follow((from, to) => to.setCamera(from.getCamera()));
  const onWindow = follow((_, to, event) => {
    const { range } = (event as CustomEvent<{ range: Types.VOIRange }>).detail;
    to.setProperties({ voiRange: range }, imageId);
  });
  for (const element of elements) {
    element.addEventListener(Enums.Events.CAMERA_MODIFIED, onCamera);
    element.addEventListener(Enums.Events.VOI_MODIFIED, onWindow);
  }
  const step = (slices: number) => {
    viewport(0).scroll(slices);
  };
  const goTo = (pointRasMm: readonly [number, number, number]) => {
    const point = turnWorld(pointRasMm);
    const { focalPoint, position, viewPlaneNormal } = viewport(0).getCamera();
    if (!focalPoint || !position || !viewPlaneNormal) return;
    const way = viewPlaneNormal.reduce((sum, part, n) => sum + part * (point[n]! - focalPoint[n]!), 0);
    const moved = (from: Types.Point3) => from.map((part, n) => part + way * viewPlaneNormal[n]!) as Types.Point3;
    viewport(0).setCamera({ focalPoint: moved(focalPoint), position: moved(position) });
  };
  const remove = (side: number) => {
    const id = shown.get(side);
    if (!id) return;
    tools.segmentation.removeLabelmapRepresentation(ids[side]!, id);
    tools.segmentation.removeSegmentation(id);
    removeVolume(id);
    shown.delete(side);
  };
  goTo(centreRasMm);
  engine.render();
  return {
    show(side, labels) {
      remove(side);
      if (labels) {
        const id = `${name}.labels-${side}-${++versions}`;
        addVolume(id, labels, name);
        addLabelmap(id, [ids[side]], labelLut());
        tools.segmentation.segmentationStyle.setStyle(
          { segmentationId: id, type: tools.Enums.SegmentationRepresentations.Labelmap },
          { renderFill: true, fillAlpha: 0.25, fillAlphaInactive: 0.25, renderOutline: true, outlineWidth: 2 },
        );
        shown.set(side, id);
      }
      engine.render();
    },
    turnTo: (next) => {
      viewport(0).setOrientation(next as Enums.OrientationAxis);
      viewport(1).setOrientation(next as Enums.OrientationAxis);
      goTo(centreRasMm);
      engine.render();
    },
    step,
    resize: () => engine.resize(true, true),
    close() {
      for (const element of elements) {
        element.removeEventListener(Enums.Events.CAMERA_MODIFIED, onCamera);
        element.removeEventListener(Enums.Events.VOI_MODIFIED, onWindow);
      }
      remove(0);
      remove(1);
      tools.ToolGroupManager.destroyToolGroup(name);
      engine.destroy();
      removeVolume(imageId);
    },
  };
}
