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

const page = { scan: 'scan', createdAt: '2026-11-26T20:00:00Z', overview: undefined, appVersion: '0.1.0' };
const reportOf = (structures: SegmentationReport['structures']): SegmentationReport => ({
  version: 1,
  scan: 'scan',
  structures,
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

test('many structures, long names and long warnings go on over further pages, each with its head and its foot', async () => {
  const long = 'Left-superior-frontal-gyrus-pars-orbitalis_'.repeat(3);
  const many = Array.from({ length: 90 }, (_, n) => structure(n === 3 ? long : `structure ${n}`, n + 1));
  const warning = `${'The spacing in the file disagrees with the one that its matrix gives. '.repeat(8)}End of the warning.`;
  const report = { ...reportOf(many), warnings: [warning] };
  const pdf = await reportPdf({ ...page, report });
  const { length } = (await PDFDocument.load(pdf)).getPages();
  expect(length).toBeGreaterThan(1);
  const words = await wordsOf(pdf);
  for (const { name } of many) expect(words.replaceAll('\n', '')).toContain(name);
  expect(words.match(/Volume, ml/g)!.length).toBeGreaterThan(1);
  expect(words.match(/Not a medical device/g)).toHaveLength(length);
  expect(words.replaceAll('\n', '')).toContain('End of the warning.');
});

test('a report in PDF stays one page, with calibrated intervals and names that its fonts cannot write', async () => {
  const report = reportOf(['Гиппокамп', 'anterior', 'posterior', 'ventricle'].map((name, n) => structure(name, n + 1)));
  const calibrated = await reportPdf({ ...page, report });
  expect((await PDFDocument.load(calibrated)).getPageCount()).toBe(1);
  const drawn = {
    review: 'approved',
    updatedAt: '2026-11-26T21:00:00Z',
    structures: [{ name: 'anterior', ml: 3.456 }],
  };
  const corrected = await wordsOf(await reportPdf({ ...page, report, drawn }));
  expect(corrected).toContain('Labels of this scan as a person left them 2026-11-26 21:00 UTC, approved:');
  expect(corrected).toContain('anterior\n3.46\ndrawn or corrected');
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
