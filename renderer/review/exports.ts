import type { ScanEntry } from '../../contract/app/scan-entry.ts';
import { shownInterval } from '../../contract/segmentation-report.ts';
import { planeLetters, planes } from '../viewer/scan-view-settings.ts';

const quoted = (cell: string | number): string =>
  typeof cell === 'number' ? String(cell) : `"${cell.replaceAll('"', '""')}"`;

/** What is drawn of a structure. */
export interface DrawnVolume {
  readonly name: string;
  readonly label: number;
  readonly ml: number;
}

/** Volumes of the person's labels, under the name `labels` with the state of their review, and of every result of a scan, a structure a line, in ml. */
export function volumeTable(scan: ScanEntry, drawn: readonly DrawnVolume[]): string {
  const head = [
    'scan',
    'model',
    'version',
    'created',
    'structure',
    'label',
    'volume_ml',
    'low_ml',
    'high_ml',
    'interval_level',
    'posterior_low_ml',
    'posterior_high_ml',
    'posterior_level',
    'sample_dice',
  ];
  const rows = scan.results.flatMap(({ createdAt, report }) =>
    report.structures.map((structure) => {
      const { name, label, volumeMl, sampleDice } = structure;
      const { low, high, level } = shownInterval(report, structure);
      return [
        scan.name,
        report.model.name,
        report.model.version,
        createdAt,
        name,
        label,
        volumeMl.median,
        low,
        high,
        level,
        volumeMl.low,
        volumeMl.high,
        report.intervalLevel,
        sampleDice,
      ];
    }),
  );
  const own = drawn.map(({ name, label, ml }) => [
    scan.name,
    `labels, ${scan.review}`,
    '',
    scan.labels?.updatedAt ?? '',
    name,
    label,
    Number(ml.toFixed(6)),
    ...Array<string>(7).fill(''),
  ]);
  return [head, ...own, ...rows].map((row) => `${row.map(quoted).join(',')}\n`).join('');
}

/** The planes on the screen, side by side, each with its name and the patient's directions, under the scan's name, as PNG. */
export function pictureOf(name: string): Promise<Blob> {
  const shown = planes.flatMap((plane) => {
    const canvas = document.querySelector<HTMLCanvasElement>(`[data-plane="${plane}"] canvas`);
    return canvas && canvas.width > 0 && canvas.height > 0 ? [{ plane, canvas }] : [];
  });
  const picture = document.createElement('canvas');
  picture.width = shown.reduce((sum, { canvas }) => sum + canvas.width, 0);
  picture.height = Math.max(...shown.map(({ canvas }) => canvas.height)) + headPx;
  const context = picture.getContext('2d')!;
  context.fillStyle = '#000';
  context.fillRect(0, 0, picture.width, picture.height);
  context.font = 'bold 15px sans-serif';
  context.textBaseline = 'middle';
  const write = (text: string, x: number, y: number, align: CanvasTextAlign): void => {
    context.textAlign = align;
    context.strokeText(text, x, y);
    context.fillText(text, x, y);
  };
  let place = 0;
  for (const { plane, canvas } of shown) {
    context.drawImage(canvas, place, headPx);
    [context.fillStyle, context.strokeStyle, context.lineWidth] = ['#fff', '#000', 3];
    const [left, right, top, bottom] = planeLetters[plane];
    const [middle, centre] = [place + canvas.width / 2, headPx + canvas.height / 2];
    write(left, place + 6, centre, 'left');
    write(right, place + canvas.width - 6, centre, 'right');
    write(top, middle, headPx + 12, 'center');
    write(bottom, middle, headPx + canvas.height - 12, 'center');
    write(plane, place + 6, headPx + canvas.height - 12, 'left');
    place += canvas.width;
  }
  write(`${name}   Fewscan, for research, not for diagnosis`, 8, headPx / 2, 'left');
  return new Promise((resolve, reject) =>
    picture.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('no picture'))), 'image/png'),
  );
}

/** Of the line above the planes. */
const headPx = 28;
