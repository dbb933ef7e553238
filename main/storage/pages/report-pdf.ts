import { PDFDocument, type PDFFont, type PDFPage, rgb, StandardFonts } from 'pdf-lib';
import {
  calibrationInWords,
  intervalHead,
  type SegmentationReport,
  shownInterval,
  sitesInWords,
} from '../../../contract/segmentation-report.ts';

export interface ReportPage {
  /** Name in the library. */
  readonly scan: string;
  readonly createdAt: string;
  readonly report: SegmentationReport;
  /** PNG of slices with contours and maps. */
  readonly overview: Uint8Array | undefined;
  readonly appVersion: string;
}

const [width, height, margin] = [595, 842, 48] as const; // A4 in points
const ink = rgb(0.1, 0.12, 0.15);
const soft = rgb(0.35, 0.39, 0.45);

/** One page a scan: what was measured, with its interval, how much the model doubts it, and what it cannot say. */
export async function reportPdf({ scan, createdAt, report, overview, appVersion }: ReportPage): Promise<Uint8Array> {
  const pdf = await PDFDocument.create();
  pdf.setTitle(`Fewscan: ${scan}`);
  pdf.setProducer(`Fewscan ${appVersion}`);
  const [plain, bold] = [
    await pdf.embedFont(StandardFonts.Helvetica),
    await pdf.embedFont(StandardFonts.HelveticaBold),
  ];
  const page = pdf.addPage([width, height]);
  const write = writer(page, plain);
  write(winAnsi(scan), { font: bold, size: 18 });
  write(
    `Segmented ${createdAt.slice(0, 16).replace('T', ' ')} UTC by ${report.model.name}@${report.model.version} (${report.model.method}), ${report.samples} posterior samples, seed ${report.seed}.`,
    { colour: soft },
  );
  write(`${report.compute.backend} on ${report.compute.device}, ${report.compute.precision}. Fewscan ${appVersion}.`, {
    colour: soft,
  });
  write.space(10);
  write.columns(['Structure', 'Volume, ml', `${intervalHead(report)}, ml`, 'Samples agree (Dice)'], bold);
  for (const structure of report.structures) {
    const { name, volumeMl, sampleDice } = structure;
    const { low, high, level } = shownInterval(report, structure);
    const interval = level > 0 ? `${low.toFixed(2)} to ${high.toFixed(2)}` : 'one sample';
    write.columns([winAnsi(name), volumeMl.median.toFixed(2), interval, sampleDice.toFixed(3)], plain);
  }
  write.space(8);
  if (report.samples > 1)
    write(
      `Doubt of this scan: ${(100 * report.reviewScore).toFixed(0)} % (one minus the lowest agreement between samples).`,
    );
  for (const line of calibrationInWords(report)) write(winAnsi(line));
  const sites = sitesInWords(report);
  if (sites) write(winAnsi(`Segmented as a scan of ${sites}.`));
  for (const warning of report.warnings) write(`Note: ${winAnsi(warning)}`);
  if (overview) {
    const image = await pdf.embedPng(overview);
    const scale = Math.min((width - 2 * margin) / image.width, (write.place() - 90) / image.height);
    page.drawImage(image, {
      x: margin,
      y: write.place() - image.height * scale - 10,
      width: image.width * scale,
      height: image.height * scale,
    });
  }
  page.drawText(
    'For research. Not a medical device. Intervals hold for scans like those that the model was adapted to.',
    { x: margin, y: 40, size: 9, font: plain, color: soft },
  );
  return pdf.save();
}

/** What the standard fonts can write; anything else becomes a question mark. */
const winAnsi = (text: string): string => text.replace(/[^\x20-\x7e\xa0-\xff]/g, '?');

function writer(page: PDFPage, font: PDFFont) {
  let y = height - margin;
  const line = (text: string, { size = 10, font: own = font, colour = ink } = {}): void => {
    y -= size * 1.5;
    page.drawText(text, { x: margin, y, size, font: own, color: colour, maxWidth: width - 2 * margin });
    if (own.widthOfTextAtSize(text, size) > width - 2 * margin) y -= size * 1.5 + 9;
  };
  return Object.assign(line, {
    space: (points: number): void => {
      y -= points;
    },
    place: (): number => y,
    columns: (cells: readonly string[], own: PDFFont): void => {
      y -= 16;
      for (const [n, cell] of cells.entries())
        page.drawText(cell, { x: margin + n * 125, y, size: 10, font: own, color: ink });
    },
  });
}
