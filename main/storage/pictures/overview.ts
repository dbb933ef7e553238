import { shownInterval } from '../../../contract/segmentation-report.ts';
import type { Volume } from '../../imaging/volume.ts';
import type { OverviewPicture } from '../../jobs/result-ports.ts';
import { textHeight, textWidth, writeText } from './lettering.ts';
import { heatColour, ink, structureColour } from './palette.ts';
import { type Overlay, renderPanel, type ScanPicture } from './panel.ts';
import { encodePng, fillBox, makeRaster, paste, type Raster } from './raster.ts';
import { type Plane, planes, throughAxis } from './slices.ts';

const margin = 16;
const small = 2;
const rowHeight = textHeight(small) + 10;
/** Height that a scan's tallest side should take on the screen. */
const panelSidePixels = 260;

/** A scan with what is known of it, ready for panels. */
export interface PreparedPicture extends ScanPicture {
  readonly predictiveEntropy: Volume<Float32Array>;
  readonly structureNames: readonly string[];
}

/** Lays probabilities and entropy on the image's grid and chooses the grey window (1st to 99.5th percentile). */
export function preparePicture({ image, structures, predictiveEntropy }: OverviewPicture): PreparedPicture {
  const on = (voxels: Float32Array): Volume<Float32Array> => ({ ...image, voxels, components: 1 });
  const first = image.voxels.subarray(0, image.voxels.length / image.components);
  return {
    image: { ...image, voxels: first, components: 1 },
    window: greyWindow(first),
    structures: structures.map(({ probability }) => on(probability)),
    predictiveEntropy: on(predictiveEntropy),
    structureNames: structures.map(({ name }) => name),
  };
}

function greyWindow(values: ArrayLike<number>): readonly [number, number] {
  const step = Math.max(1, Math.floor(values.length / 100_000));
  const sorted = Float64Array.from({ length: Math.ceil(values.length / step) }, (_, n) => values[n * step]!).sort();
  return [sorted[Math.floor(0.01 * (sorted.length - 1))]!, sorted[Math.floor(0.995 * (sorted.length - 1))]!];
}

/** The slice that shows most: through the middle of the structures' probability; the scan's middle where there is none. */
export function middleSlice({ image, structures }: ScanPicture, plane: Plane): number {
  const axis = throughAxis(image, plane);
  const [ni, nj] = image.size;
  let [mass, moment] = [0, 0];
  for (const { voxels } of structures) {
    for (let n = 0; n < voxels.length; n++) {
      const p = voxels[n]!;
      if (p < 0.5) continue;
      mass += p;
      moment += p * (axis === 0 ? n % ni : axis === 1 ? Math.floor(n / ni) % nj : Math.floor(n / (ni * nj)));
    }
  }
  return mass === 0 ? Math.floor(image.size[axis] / 2) : Math.round(moment / mass);
}

/** Pixels per millimetre at which the greatest side of the scan has a good size. */
export function goodScale({ image }: ScanPicture): number {
  const sides = image.affineRasMm.map(
    (_, axis) => image.size[axis]! * Math.hypot(...image.affineRasMm.map((row) => row[axis]!)),
  );
  return panelSidePixels / Math.max(...sides);
}

/** Three planes with posterior contours above the same with predictive entropy, a legend and a colour bar. PNG. */
export function renderOverview(picture: OverviewPicture): Uint8Array {
  const prepared = preparePicture(picture);
  const greatest = Math.log(1 + picture.structures.length);
  const overlays: readonly Overlay[] = [
    { kind: 'contours' },
    { kind: 'map', map: prepared.predictiveEntropy, greatest },
  ];
  const pixelsPerMm = goodScale(prepared);
  const rows = overlays.map((overlay) =>
    planes.map((plane) => renderPanel(prepared, { plane, index: middleSlice(prepared, plane), overlay, pixelsPerMm })),
  );
  const width = margin + rows[0]!.reduce((sum, panel) => sum + panel.width + margin, 0);
  const panelHeight = Math.max(...rows[0]!.map((panel) => panel.height));
  const legendWidth =
    Math.max(
      ...picture.report.structures.map((one) => textWidth(legendLine(picture.report, one), small)),
      textWidth(captions.levels, small),
    ) +
    3 * margin;
  const legendHeight = (picture.report.structures.length + 2) * rowHeight;
  const raster = makeRaster(
    Math.max(width, legendWidth),
    2 * (panelHeight + rowHeight + margin) + legendHeight + 2 * margin,
    ink.background,
  );
  let y = margin;
  for (const [place, panels] of rows.entries()) {
    writeText(
      raster,
      place === 0 ? captions.contours : captions.entropy,
      { x: margin, y },
      { colour: ink.quiet, size: small },
    );
    if (place === 1)
      drawColourBar(
        raster,
        { x: Math.max(margin + textWidth(captions.entropy, small) + margin, raster.width - 260), y },
        greatest,
      );
    y += rowHeight;
    let x = margin;
    for (const panel of panels) {
      paste(raster, panel, { x, y });
      x += panel.width + margin;
    }
    y += panelHeight + margin;
  }
  drawLegend(raster, y, picture);
  return encodePng(raster);
}

const captions = {
  contours: 'Posterior contours',
  entropy: 'Predictive entropy (nats)',
  levels: 'Lines at 10, 50 (wide) and 90 % of the posterior. Radiological view.',
} as const;

function legendLine(
  report: OverviewPicture['report'],
  structure: OverviewPicture['report']['structures'][number],
): string {
  const { low, high } = shownInterval(report, structure);
  return `${structure.name}  ${structure.volumeMl.median.toFixed(2)} ML  (${low.toFixed(2)} - ${high.toFixed(2)})`;
}

function drawLegend(raster: Raster, top: number, { report }: OverviewPicture): void {
  for (const [place, structure] of report.structures.entries()) {
    const y = top + place * rowHeight;
    fillBox(raster, { x: margin, y }, [textHeight(small), textHeight(small)], structureColour(place));
    writeText(raster, legendLine(report, structure), { x: margin + rowHeight, y }, { colour: ink.text, size: small });
  }
  const below = top + report.structures.length * rowHeight;
  writeText(raster, captions.levels, { x: margin, y: below }, { colour: ink.quiet, size: small });
}

function drawColourBar(raster: Raster, { x, y }: { readonly x: number; readonly y: number }, greatest: number): void {
  const length = 120;
  writeText(raster, '0', { x, y }, { colour: ink.quiet, size: small });
  for (let n = 0; n < length; n++)
    fillBox(raster, { x: x + 16 + n, y }, [1, textHeight(small)], heatColour(n / (length - 1)));
  writeText(raster, greatest.toFixed(2), { x: x + 24 + length, y }, { colour: ink.quiet, size: small });
}
