import { Enums, type RenderingEngine, type Types } from '@cornerstonejs/core';
import * as tools from '@cornerstonejs/tools';
import type { Voxels } from '../connection.ts';
import { contourColours, labelLut } from './colours.ts';
import { addVolume, removeVolume } from './cornerstone-volume.ts';

/** Values below `from` are clear; from there opacity grows with the value. */
export interface MapStyle {
  readonly from: number;
  readonly to: number;
  /** Opacity at `to`, 0 to 1. */
  readonly opacity: number;
}

/** What lies over the scan besides its labels. Owns its volumes; `close` lets all of them go. */
export interface Overlays {
  showMap(map: Voxels | undefined, style: MapStyle): void;
  styleMap(style: MapStyle): void;
  /** Outlines of where values reach each level. */
  showContours(probability: Voxels | undefined, levels: readonly number[]): void;
  /** Outlines of labels, each in its structure's colour. */
  showOutlines(labels: Voxels | undefined): void;
  close(): void;
}

interface Stage {
  readonly name: string;
  readonly engine: RenderingEngine;
  readonly viewportIds: readonly string[];
  /** Segmentation that brushes change: adding another would take its place. */
  readonly activeId: string;
}

export function openOverlays({ name, engine, viewportIds, activeId }: Stage): Overlays {
  const mapId = `${name}.map`;
  const outlineId = `${name}.outlines`;
  const viewports = () => viewportIds.map((id) => engine.getViewport(id) as Types.IVolumeViewport); // planes of a volume
  const outlined = new Set<string>();
  let hasMap = false;

  const style = ({ from, to, opacity }: MapStyle) => {
    const clear = { value: 0, opacity: 0 };
    const colormap = {
      name: 'Inferno (matplotlib)',
      opacity: [clear, { value: from, opacity: 0 }, { value: to, opacity }],
    };
    for (const viewport of viewports()) viewport.setProperties({ colormap, voiRange: { lower: 0, upper: to } }, mapId);
    engine.render();
  };
  const removeMap = () => {
    if (!hasMap) return;
    for (const viewport of viewports()) {
      const actors = viewport.getActors().filter(({ referencedId }) => referencedId === mapId);
      viewport.removeVolumeActors(
        actors.map(({ uid }) => uid),
        true,
      );
    }
    removeVolume(mapId);
    hasMap = false;
  };
  const removeOutlines = (isGone: (id: string) => boolean) => {
    for (const id of [...outlined].filter(isGone)) {
      for (const viewportId of viewportIds) tools.segmentation.removeLabelmapRepresentation(viewportId, id);
      tools.segmentation.removeSegmentation(id);
      removeVolume(id);
      outlined.delete(id);
    }
  };
  const addOutline = (
    id: string,
    data: Voxels,
    { lut, width }: { readonly lut: Types.ColorLUT; readonly width: number },
  ) => {
    addVolume(id, data, name);
    outlined.add(id);
    addLabelmap(id, viewportIds, lut);
    tools.segmentation.segmentationStyle.setStyle(
      { segmentationId: id, type: tools.Enums.SegmentationRepresentations.Labelmap },
      {
        renderFill: false,
        renderFillInactive: false,
        renderOutline: true,
        renderOutlineInactive: true,
        outlineWidth: width,
        outlineWidthInactive: width,
        outlineOpacity: 1,
        outlineOpacityInactive: 1,
      },
    );
  };
  const finish = () => {
    for (const id of viewportIds) tools.segmentation.activeSegmentation.setActiveSegmentation(id, activeId);
    engine.render();
  };
  return {
    showMap: (map, mapStyle) => {
      removeMap();
      if (!map) return engine.render();
      addVolume(mapId, map, name);
      hasMap = true;
      const input = { volumeId: mapId, visibility: true, blendMode: Enums.BlendModes.MAXIMUM_INTENSITY_BLEND };
      void Promise.all(viewports().map((viewport) => viewport.addVolumes([input]))).then(() => style(mapStyle));
    },
    styleMap: (mapStyle) => {
      if (hasMap) style(mapStyle);
    },
    showContours: (probability, levels) => {
      removeOutlines((id) => id !== outlineId);
      if (!probability) return engine.render();
      for (const [n, level] of levels.entries()) {
        const voxels = Uint8Array.from(probability.voxels as ArrayLike<number>, (value) => (value >= level ? 1 : 0));
        const lut: Types.ColorLUT = [[0, 0, 0, 0], [...contourColours[n % contourColours.length]!]];
        const data: Voxels = { header: { ...probability.header, components: 1, type: 'uint8' }, voxels };
        addOutline(`${name}.contour-${level}`, data, { lut, width: n === 1 ? 3 : 2 });
      }
      finish();
    },
    showOutlines: (labels) => {
      removeOutlines((id) => id === outlineId);
      if (!labels) return engine.render();
      addOutline(outlineId, labels, { lut: labelLut(), width: 3 });
      finish();
    },
    close: () => {
      removeOutlines(() => true);
      removeMap();
    },
  };
}

/** Shows a volume of labels over the viewports. */
export function addLabelmap(id: string, viewportIds: readonly string[], colours: Types.ColorLUT): void {
  const { Labelmap } = tools.Enums.SegmentationRepresentations;
  tools.segmentation.addSegmentations([
    { segmentationId: id, representation: { type: Labelmap, data: { volumeId: id } } },
  ]);
  for (const viewportId of viewportIds)
    tools.segmentation.addLabelmapRepresentationToViewport(viewportId, [
      { segmentationId: id, config: { colorLUTOrIndex: colours } },
    ]);
}
