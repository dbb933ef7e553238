import { writeFileSync } from 'node:fs';
import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';

/** Writes a plot of @observablehq/plot as a standalone SVG. */
export function savePlot(path, options) {
  const { document } = parseHTML('<body></body>');
  const plot = Plot.plot({ document, style: { fontFamily: 'sans-serif', background: 'white' }, ...options });
  plot.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  writeFileSync(path, plot.outerHTML);
}
