// Cornerstone alone: three planes of one volume whose voxels come as they lie in memory, and a brush. Nothing of Fewscan.
import {
  cache,
  Enums,
  init,
  RenderingEngine,
  setVolumesForViewports,
  utilities,
  volumeLoader,
} from '@cornerstonejs/core';
import * as tools from '@cornerstonejs/tools';

const planes = ['axial', 'sagittal', 'coronal'];
const direction = [-1, 0, 0, 0, -1, 0, 0, 0, 1];

function addVolume(id, scalarData, { size, spacing }) {
  const [columns, rows, slices] = size;
  for (let k = 0; k < slices; k++) {
    const imageId = `${id}_slice_${k}`;
    const add = (type, metadata) => utilities.genericMetadataProvider.add(imageId, { type, metadata });
    add('imagePlaneModule', {
      frameOfReferenceUID: 'bare',
      rows,
      columns,
      imageOrientationPatient: direction.slice(0, 6),
      rowCosines: direction.slice(0, 3),
      columnCosines: direction.slice(3, 6),
      imagePositionPatient: [0, 0, k * spacing[2]],
      sliceThickness: spacing[2],
      pixelSpacing: [spacing[1], spacing[0]],
      rowPixelSpacing: spacing[1],
      columnPixelSpacing: spacing[0],
    });
    add('voiLutModule', {});
    add('generalSeriesModule', { modality: 'CT', seriesInstanceUID: 'bare' });
  }
  const bits = 8 * scalarData.BYTES_PER_ELEMENT;
  const volume = volumeLoader.createLocalVolume(id, {
    metadata: {
      BitsAllocated: bits,
      BitsStored: bits,
      SamplesPerPixel: 1,
      HighBit: bits - 1,
      PhotometricInterpretation: 'MONOCHROME2',
      PixelRepresentation: scalarData instanceof Int16Array ? 1 : 0,
      Modality: 'CT',
      ImageOrientationPatient: direction.slice(0, 6),
      PixelSpacing: [spacing[1], spacing[0]],
      FrameOfReferenceUID: 'bare',
      Columns: columns,
      Rows: rows,
      voiLut: [],
      VOILUTFunction: 'LINEAR',
    },
    dimensions: size,
    spacing,
    origin: [0, 0, 0],
    direction,
    scalarData,
  });
  volume.modified();
}

async function open() {
  const geometry = JSON.parse(new URLSearchParams(location.search).get('volume'));
  const voxels = new Int16Array(await (await fetch('voxels')).arrayBuffer());
  const engine = new RenderingEngine('bare');
  const ids = planes.map((plane) => `bare/${plane}`);
  engine.setViewports(
    planes.map((plane, n) => ({
      viewportId: ids[n],
      type: Enums.ViewportType.ORTHOGRAPHIC,
      element: document.querySelector(`[data-plane=${plane}]`),
      defaultOptions: { orientation: plane, background: [0.03, 0.04, 0.05] },
    })),
  );
  addVolume('image', voxels, geometry);
  await setVolumesForViewports(engine, [{ volumeId: 'image' }], ids);
  for (const id of ids) engine.getViewport(id).setProperties({ voiRange: geometry.window }, 'image');
  engine.render();
  return { engine, ids, geometry };
}

/** A brush on an empty label image, as the app has it. */
function addBrush({ engine, ids, geometry }) {
  const group = tools.ToolGroupManager.createToolGroup('bare');
  for (const id of ids) group.addViewport(id, engine.id);
  addVolume('labels', new Uint8Array(cache.getVolume('image').voxelManager.getScalarDataLength()), geometry);
  const { Labelmap } = tools.Enums.SegmentationRepresentations;
  tools.segmentation.addSegmentations([
    { segmentationId: 'labels', representation: { type: Labelmap, data: { volumeId: 'labels' } } },
  ]);
  for (const id of ids) {
    tools.segmentation.addLabelmapRepresentationToViewport(id, [{ segmentationId: 'labels' }]);
    tools.segmentation.activeSegmentation.setActiveSegmentation(id, 'labels');
  }
  group.addToolInstance('CircularBrush', 'Brush', { activeStrategy: 'FILL_INSIDE_CIRCLE' });
  group.setToolActive('CircularBrush', { bindings: [{ mouseButton: tools.Enums.MouseBindings.Primary }] });
  tools.utilities.segmentation.setBrushSizeForToolGroup('bare', geometry.brushMm);
}

init();
await tools.init();
tools.addTool(tools.BrushTool);
document.querySelector('#open').addEventListener('click', async () => {
  const shown = await open();
  if (shown.geometry.brushMm) addBrush(shown);
});
document.body.dataset.ready = 'yes';
