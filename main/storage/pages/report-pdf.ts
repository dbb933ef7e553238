import {
  breakTextIntoLines,
  type Color,
  PDFDocument,
  type PDFFont,
  type PDFImage,
  type PDFPage,
  rgb,
  StandardFonts,
} from 'pdf-lib';
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
  /** The person's labels of the scan, if any. */
  readonly drawn?:
    | {
        readonly review: string;
        readonly updatedAt: string;
        readonly structures: readonly { readonly name: string; readonly ml: number }[];
      }
    | undefined;
  readonly appVersion: string;
}

const [width, height, margin] = [595, 842, 48] as const; // A4 in points
const lowest = 70; // above the foot
const columns = [0, 215, 290, 405] as const; // from the margin
const ink = rgb(0.1, 0.12, 0.15);
const soft = rgb(0.35, 0.39, 0.45);

/** What was measured of a scan, with its interval, how much the model doubts it, and what it cannot say: a page, or as many as its structures take. */
export async function reportPdf({
  scan,
  createdAt,
  report,
  overview,
  drawn,
  appVersion,
}: ReportPage): Promise<Uint8Array> {
  const pdf = await PDFDocument.create();
  pdf.setTitle(`Fewscan: ${scan}`);
  pdf.setProducer(`Fewscan ${appVersion}`);
  const [plain, bold] = [
    await pdf.embedFont(StandardFonts.Helvetica),
    await pdf.embedFont(StandardFonts.HelveticaBold),
  ];
  const sheets = new Sheets(pdf);
  const write = (text: string, { font = plain, size = 10, colour = ink } = {}): void =>
    sheets.row([{ text, font }], { size, colour });
  write(scan, { font: bold, size: 18 });
  write(
    `Segmented ${createdAt.slice(0, 16).replace('T', ' ')} UTC by ${report.model.name}@${report.model.version} (${report.model.method}), ${report.samples} posterior samples, seed ${report.seed}.`,
    { colour: soft },
  );
  write(`${report.compute.backend} on ${report.compute.device}, ${report.compute.precision}. Fewscan ${appVersion}.`, {
    colour: soft,
  });
  sheets.space(10);
  const row = (texts: readonly string[], font: PDFFont): void =>
    sheets.row(
      texts.map((text) => ({ text, font })),
      { size: 10, colour: ink },
    );
  const head = (): void =>
    row(['Structure', 'Volume, ml', `${intervalHead(report)}, ml`, 'Samples agree (Dice)'], bold);
  head();
  for (const structure of report.structures) {
    const { name, volumeMl, sampleDice } = structure;
    const { low, high, level } = shownInterval(report, structure);
    const interval = level > 0 ? `${low.toFixed(2)} to ${high.toFixed(2)}` : 'one sample';
    if (sheets.place - 30 < lowest) {
      sheets.turn();
      head();
    }
    row([name, volumeMl.median.toFixed(2), interval, sampleDice.toFixed(3)], plain);
  }
  sheets.space(8);
  if (report.samples > 1)
    write(
      `Doubt of this scan: ${(100 * report.reviewScore).toFixed(0)} % (one minus the lowest agreement between samples).`,
    );
  for (const line of calibrationInWords(report)) write(line);
  const sites = sitesInWords(report);
  if (sites) write(`Segmented as a scan of ${sites}.`);
  for (const warning of report.warnings) write(`Note: ${warning}`);
  if (drawn) {
    sheets.space(8);
    write(
      `Labels of this scan as a person left them ${drawn.updatedAt.slice(0, 16).replace('T', ' ')} UTC, ${drawn.review}:`,
      { font: bold },
    );
    for (const { name, ml } of drawn.structures) row([name, ml.toFixed(2), 'drawn or corrected', ''], plain);
    sheets.space(8);
  }
  if (overview) sheets.picture(await pdf.embedPng(overview));
  const foot = 'For research. Not a medical device. Intervals hold for scans like those that the model was adapted to.';
  for (const page of pdf.getPages()) page.drawText(foot, { x: margin, y: 40, size: 9, font: plain, color: soft });
  return pdf.save();
}

/** What the standard fonts can write; anything else becomes a question mark. */
const winAnsi = (text: string): string => text.replace(/[^\x20-\x7e\xa0-\xff]/g, '?');

interface Cell {
  readonly text: string;
  readonly font: PDFFont;
}

/** Pages that are written from top to bottom; what does not fit goes on the next. */
class Sheets {
  readonly #pdf: PDFDocument;
  #page: PDFPage;
  /** Height of the last thing written, in points from the bottom. */
  place = height - margin;

  constructor(pdf: PDFDocument) {
    this.#pdf = pdf;
    this.#page = pdf.addPage([width, height]);
  }

  turn(): void {
    this.#page = this.#pdf.addPage([width, height]);
    this.place = height - margin;
  }

  space(points: number): void {
    this.place -= points;
  }

  /** Cells beside each other, each wrapped to its column; one alone has the whole width. */
  row(cells: readonly Cell[], { size, colour }: { readonly size: number; readonly colour: Color }): void {
    const lineHeight = size * 1.3;
    const wrapped = cells.map(({ text, font }, n) => {
      const end = n < cells.length - 1 ? columns[n + 1]! - 8 : width - 2 * margin;
      return linesOf(winAnsi(text), { font, size, width: end - columns[n]! });
    });
    const needed = lineHeight * Math.max(...wrapped.map(({ length }) => length));
    if (this.place - needed < lowest) this.turn();
    for (const [n, lines] of wrapped.entries())
      for (const [m, line] of lines.entries())
        this.#page.drawText(line, {
          x: margin + columns[n]!,
          y: this.place - (m + 1) * lineHeight,
          size,
          font: cells[n]!.font,
          color: colour,
        });
    this.place -= needed + 2;
  }

  picture(image: PDFImage): void {
    const heightIn = (room: number): number => Math.min(((width - 2 * margin) * image.height) / image.width, room);
    if (heightIn(this.place - lowest - 10) < heightIn(leastPicture)) this.turn();
    const drawn = heightIn(this.place - lowest - 10);
    const y = this.place - drawn - 10;
    this.#page.drawImage(image, { x: margin, y, width: (drawn * image.width) / image.height, height: drawn });
    this.place = y;
  }
}

/** A picture that would be lower than this goes on a page of its own. */
const leastPicture = 200;

const linesOf = (
  text: string,
  { font, size, width }: { readonly font: PDFFont; readonly size: number; readonly width: number },
): readonly string[] =>
  breakTextIntoLines(text.replace(/[^\s_-]{30}(?=\S)/g, '$& '), [' ', '_', '-'], width, (part) =>
    font.widthOfTextAtSize(part, size),
  );
