import { parseHTML } from 'linkedom';
import { describe, expect, test } from 'vitest';
import { affineOf, countedVolume } from '../../../tests/imaging-oracle.ts';
import type { DemoPage } from '../../jobs/result-ports.ts';
import { demoPage } from './demo-page.ts';

const image = countedVolume({ size: [10, 12, 8], affineRasMm: affineOf('RAS') });
const map = (scale: number) => Float32Array.from(image.voxels, (_, n) => scale * ((n % 7) / 6));
const page: DemoPage = {
  model: { name: 'demo', version: 3, method: 'dwp' },
  prior: 'brain <b>& more</b>',
  trainedOn: 10,
  steps: 350,
  adaptedMs: 200_000,
  samples: 19,
  seed: 4,
  compute: '2 CPU threads (tensorflow)',
  curves: [1, 2, 3].map((step) => ({ step, loss: 1 / step, dataLoss: 0.9 / step, kl: 0.1 / step })),
  scans: ['scan_1', 'scan_2'].map((name) => ({
    name,
    image,
    structures: [{ name: 'anterior', label: 1, probability: map(1) }],
    truth: [map(1).map((p) => (p > 0.4 ? 1 : 0))],
    maps: { predictiveEntropy: map(0.7), expectedEntropy: map(0.5), mutualInformation: map(0.2), variance: map(0.1) },
    report: {
      version: 1,
      scan: name,
      structures: [
        {
          name: 'anterior',
          label: 1,
          volumeMl: { median: 1.234, low: 1.1, high: 1.4 },
          sampleDice: 0.912,
          sampleIou: 0.8,
          volumeCv: 0.1,
        },
      ],
      intervalLevel: 0.9,
      reviewScore: 0.088,
      model: { name: 'demo', version: 3, method: 'dwp' },
      seed: 4,
      samples: 19,
      compute: { backend: 'tensorflow', device: 'cpu', threads: 2, precision: 'float32', versions: {} },
      warnings: [],
      elapsedMs: 2100,
      peakMemoryBytes: 1,
    },
    evaluation: {
      name,
      structures: [
        {
          name: 'anterior',
          label: 1,
          dice: 0.871,
          iou: 0.77,
          hd95Mm: 1.41,
          assdMm: 0.5,
          volumeMl: 1.2,
          trueVolumeMl: 1.321,
          intervalHoldsTruth: true,
        },
      ],
    },
  })),
  attribution: 'Scans of somebody, CC BY-SA 4.0.',
};

describe('the page of the demo', () => {
  const text = demoPage(page);
  const { document } = parseHTML(text);

  test('opens from disk: nothing is fetched from anywhere', () => {
    const addresses = [...document.querySelectorAll('[src], [href]')].map(
      (one) => one.getAttribute('src') ?? one.getAttribute('href') ?? '',
    );
    expect(addresses.length).toBeGreaterThan(0);
    for (const address of addresses) expect(address).toMatch(/^data:image\/png;base64,/);
    expect(text).not.toMatch(/url\(|@import|<script/);
  });

  test('tells every figure of every scan', () => {
    const rows = [...document.querySelectorAll('tbody tr')].map((row) => row.textContent);
    expect(rows.length).toBe(2);
    for (const row of rows)
      for (const figure of ['1.23', '1.10 to 1.40', '1.32', 'yes', '0.871', '1.41', '0.912'])
        expect(row).toContain(figure);
  });

  test('shows for each scan contours, truth and four maps in three planes, each with words for who cannot see', () => {
    const pictures = [...document.querySelectorAll('img')];
    expect(pictures.length).toBe(2 * 6 * 3);
    expect(new Set(pictures.map((picture) => picture.getAttribute('alt'))).size).toBe(pictures.length);
    expect(document.querySelectorAll('svg[role=img][aria-label]').length).toBe(3);
  });

  test('escapes what comes from outside, and says what it is not', () => {
    expect(text).not.toContain('<b>&');
    expect(document.body.textContent).toContain('brain <b>& more</b>');
    expect(document.body.textContent).toContain('Not a medical device');
    expect(document.body.textContent).toContain('CC BY-SA 4.0');
  });
});
