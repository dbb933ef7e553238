import { decodePDFRawStream, PDFDocument, PDFRawStream } from 'pdf-lib';
import { expect, test } from 'vitest';
import type { SegmentationReport } from '../../../contract/segmentation-report.ts';
import { reportPdf } from './report-pdf.ts';

const structure = (name: string, label: number): SegmentationReport['structures'][number] => ({
  name,
  label,
  volumeMl: { median: 3.1, low: 2.9, high: 3.3 },
  calibratedMl: { low: 2.5, high: 3.7 },
  sampleDice: 0.9,
  sampleIou: 0.8,
  volumeCv: 0.05,
});

/** What a reader would find on the pages, in the order of drawing. */
async function wordsOf(pdf: Uint8Array): Promise<string> {
  const streams = (await PDFDocument.load(pdf)).context.enumerateIndirectObjects().map(([, object]) => object);
  const drawn = streams
    .filter((object) => object instanceof PDFRawStream)
    .map((stream) => Buffer.from(decodePDFRawStream(stream).decode()).toString('latin1'));
  return Array.from(drawn.join('\n').matchAll(/<([0-9A-F]+)> Tj/g), ([, hex]) =>
    Buffer.from(hex!, 'hex').toString('latin1'),
  ).join('\n');
}

test('a report in PDF stays one page, with calibrated intervals and names that its fonts cannot write', async () => {
  const report: SegmentationReport = {
    version: 1,
    scan: 'scan',
    structures: ['Гиппокамп', 'anterior', 'posterior', 'ventricle'].map((name, n) => structure(name, n + 1)),
    intervalLevel: 0.9,
    calibration: { level: 8 / 9, scans: 8 },
    reviewScore: 0.1,
    model: { name: 'ours', version: 1, method: 'dwp' },
    seed: 0,
    samples: 19,
    compute: { backend: 'tensorflow', device: 'cpu', threads: 1, precision: 'float32', versions: {} },
    warnings: [],
    elapsedMs: 1,
    peakMemoryBytes: 1,
  };
  const page = { scan: 'scan', createdAt: '2026-11-26T20:00:00Z', overview: undefined, appVersion: '0.1.0' };
  const calibrated = await reportPdf({ ...page, report });
  expect((await PDFDocument.load(calibrated)).getPageCount()).toBe(1);
  const { calibration: _, ...plain } = report;
  const structures = report.structures.slice(1).map(({ calibratedMl: _range, ...one }) => one);
  const posterior = await reportPdf({ ...page, report: { ...plain, structures } });
  const [words, plainWords] = [await wordsOf(calibrated), await wordsOf(posterior)];
  expect(words).toContain('89 % interval, ml');
  expect(words).toContain('anterior\n3.10\n2.50 to 3.70');
  expect(words).toContain('Intervals are calibrated on 8 local scans. The samples alone say, at 90 %:');
  expect(words).toContain('posterior 2.90 to 3.30 ml');
  expect(plainWords).toContain('posterior\n3.10\n2.90 to 3.30');
  expect(plainWords).not.toContain('alibrated');
});
