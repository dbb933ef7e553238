import type { Volume } from '../../imaging/volume.ts';
import type { DemoPage, DemoScan } from '../../jobs/result-ports.ts';
import { goodScale, middleSlice, type PreparedPicture, preparePicture } from '../pictures/overview.ts';
import { cssColour, structureColour } from '../pictures/palette.ts';
import { type Overlay, renderPanel } from '../pictures/panel.ts';
import { encodePng, type Raster } from '../pictures/raster.ts';
import { planes } from '../pictures/slices.ts';
import { drawCurve } from './chart.ts';
import { demoStyle } from './demo-style.ts';
import { html, Markup } from './html.ts';

/** One page that opens from disk with everything inside: what was adapted, what was found, how sure, and how true. */
export function demoPage(page: DemoPage): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Fewscan: the demo's results</title>
<style>${new Markup(demoStyle)}</style>
</head>
<body>
<header>
<h1>Adapted to ${page.trainedOn} scans, tried on ${page.scans.length} unseen ones</h1>
<p>Model <strong>${page.model.name}</strong>, version ${page.model.version}, method ${page.model.method.toUpperCase()}, prior <strong>${page.prior}</strong>.
${page.samples} posterior samples a scan, seed ${page.seed}. ${page.steps} training steps in ${Math.round(page.adaptedMs / 1000)} s on ${page.compute}.</p>
<p class="notice">For research. Not a medical device: a person who knows the anatomy checks every result.</p>
</header>
<main>
<section aria-labelledby="volumes"><h2 id="volumes">Volumes and truth</h2>${volumeTable(page)}
<p class="note">The interval is the range of the volume over the posterior samples. Dice and HD95 are taken against a manual label that the model has not seen.</p></section>
${page.scans.map(scanSection)}
<section aria-labelledby="training"><h2 id="training">Training</h2><div class="charts">${curves(page)}</div></section>
<section aria-labelledby="meaning"><h2 id="meaning">What the maps mean</h2>
<ul>
<li><strong>Contours</strong> run where the posterior probability of a structure is 10, 50 (wide line) and 90 %. Where they lie close together the border is clear to the model; where they part, look again.</li>
<li><strong>Predictive entropy</strong> is all the doubt there is about a voxel, in nats.</li>
<li><strong>Expected entropy</strong> is the doubt that each sampled network has by itself; <strong>mutual information</strong> is what the sampled networks disagree about. The two are no clean split into what the scan cannot show and what the model has not learned.</li>
<li><strong>Variance</strong> is how much the probability of any structure differs between sampled networks.</li>
<li>None of the maps knows of scans unlike those the model was made from. Low doubt is no proof.</li>
</ul></section>
</main>
<footer><p>${page.attribution}</p></footer>
</body>
</html>
`.text;
}

const milliliters = (value: number): string => value.toFixed(2);

function volumeTable({ scans }: DemoPage): Markup {
  const rows = scans.flatMap(({ name, report, evaluation }) =>
    report.structures.map((structure, place) => {
      const truth = evaluation.structures[place]!;
      return html`<tr><th scope="row">${name}</th><td>${swatch(place)}${structure.name}</td><td>${milliliters(structure.volumeMl.median)}</td>
<td>${milliliters(structure.volumeMl.low)} to ${milliliters(structure.volumeMl.high)}</td><td>${milliliters(truth.trueVolumeMl)}</td>
<td>${truth.intervalHoldsTruth ? 'yes' : 'no'}</td><td>${truth.dice === null ? '' : truth.dice.toFixed(3)}</td><td>${truth.hd95Mm === null ? '' : truth.hd95Mm.toFixed(2)}</td><td>${structure.sampleDice.toFixed(3)}</td></tr>`;
    }),
  );
  return html`<div class="scroll"><table><thead><tr><th scope="col">scan</th><th scope="col">structure</th><th scope="col">volume, ml</th><th scope="col">90 % interval, ml</th>
<th scope="col">true volume, ml</th><th scope="col">holds truth</th><th scope="col">Dice</th><th scope="col">HD95, mm</th><th scope="col">sample Dice</th></tr></thead><tbody>${rows}</tbody></table></div>`;
}

const swatch = (place: number): Markup =>
  html`<span class="swatch" style="background:${cssColour(structureColour(place))}"></span>`;

const maps = [
  ['predictiveEntropy', 'Predictive entropy', 'nats'],
  ['expectedEntropy', 'Expected entropy', 'nats'],
  ['mutualInformation', 'Mutual information', 'nats'],
  ['variance', 'Variance of the foreground', 'probability squared'],
] as const;

function scanSection(scan: DemoScan): Markup {
  const picture = preparePicture({
    image: scan.image,
    structures: scan.structures,
    predictiveEntropy: scan.maps.predictiveEntropy,
    report: scan.report,
  });
  const onGrid = (voxels: Float32Array): Volume<Float32Array> => ({ ...scan.image, voxels, components: 1 });
  const truth = scan.truth.map(onGrid);
  const rows = [
    figureRow(
      picture,
      { kind: 'contours' },
      'Posterior contours',
      `${scan.name} with posterior contours at 10, 50 and 90 %`,
    ),
    figureRow(
      picture,
      { kind: 'truth', truth },
      'Manual label (held back)',
      `${scan.name} with the border of the manual label`,
    ),
    ...maps.map(([key, title, unit]) => {
      const values = scan.maps[key];
      const greatest = values.reduce((most, value) => Math.max(most, value), 0);
      const bar = html` <span class="scale">0 <span class="heat" aria-hidden="true"></span> ${greatest.toPrecision(2)} ${unit}</span>`;
      return figureRow(
        picture,
        { kind: 'map', map: onGrid(values), greatest },
        html`${title}${bar}`,
        `${scan.name}: ${title.toLowerCase()}`,
      );
    }),
  ];
  const score = scan.report.reviewScore.toFixed(3);
  return html`<section aria-labelledby="scan-${scan.name}"><h2 id="scan-${scan.name}">${scan.name}</h2>
<p>Review score ${score} (0 is sure). Segmented in ${(scan.report.elapsedMs / 1000).toFixed(1)} s. ${scan.report.structures.map(({ name }, place) => html`${swatch(place)}${name} `)}</p>
<div class="figures">${rows}</div></section>`;
}

function figureRow(picture: PreparedPicture, overlay: Overlay, caption: string | Markup, description: string): Markup {
  const pixelsPerMm = goodScale(picture);
  const panels = planes.map((plane) => ({
    plane,
    raster: renderPanel(picture, { plane, index: middleSlice(picture, plane), overlay, pixelsPerMm }),
  }));
  return html`<figure><div class="panels">${panels.map(({ plane, raster }) => image(raster, `${description}, ${plane} slice`))}</div><figcaption>${caption}</figcaption></figure>`;
}

function image(raster: Raster, alternative: string): Markup {
  const data = Buffer.from(encodePng(raster)).toString('base64');
  return html`<img alt="${alternative}" width="${raster.width}" height="${raster.height}" src="data:image/png;base64,${data}">`;
}

function curves({ curves: points }: DemoPage): readonly Markup[] {
  const charts = [
    ['loss', 'Loss (data and prior)', 'loss'],
    ['dataLoss', 'Data loss (soft Dice loss and cross-entropy)', 'loss'],
    ['kl', 'Weighted KL bound to the prior', 'loss'],
  ] as const;
  return charts.flatMap(([key, title, unit]) => {
    const line = points.flatMap((point) => (point[key] === null ? [] : [{ step: point.step, value: point[key] }]));
    return line.length === 0
      ? []
      : [html`<figure>${new Markup(drawCurve(line, { title, unit }))}<figcaption>${title}</figcaption></figure>`];
  });
}
