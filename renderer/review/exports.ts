import type { ScanEntry } from '../../contract/app/scan-entry.ts';
import { shownInterval } from '../../contract/segmentation-report.ts';

const quoted = (cell: string | number): string =>
  typeof cell === 'number' ? String(cell) : `"${cell.replaceAll('"', '""')}"`;

/** Volumes of every result of a scan, a structure a line, in ml. */
export function volumeTable(scan: ScanEntry): string {
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
  return [head, ...rows].map((row) => `${row.map(quoted).join(',')}\n`).join('');
}

/** The planes on the screen, side by side, as PNG. */
export function pictureOf(): Promise<Blob> {
  const canvases = [...document.querySelectorAll<HTMLCanvasElement>('[data-plane] canvas')].filter(
    (one) => one.width > 0,
  );
  const height = Math.max(...canvases.map((one) => one.height));
  const picture = document.createElement('canvas');
  picture.width = canvases.reduce((sum, one) => sum + one.width, 0);
  picture.height = height;
  const context = picture.getContext('2d')!;
  let place = 0;
  for (const one of canvases) {
    context.drawImage(one, place, 0);
    place += one.width;
  }
  return new Promise((resolve, reject) =>
    picture.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('no picture'))), 'image/png'),
  );
}
