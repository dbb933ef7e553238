import type { GaussianComponent } from './gaussian-component.ts';

/**
 * The component with every dimension's standard deviation between floor and cap. Only what is out of bounds changes: log deviations are
 * clamped, rows of a factor shortened.
 */
export function boundDeviations(
  component: GaussianComponent,
  { deviationFloor, deviationCap }: { readonly deviationFloor: number; readonly deviationCap: number },
): GaussianComponent {
  const { dimensions: D } = component;
  const parameters = component.parameters.slice();
  const [low, high] = [Math.log(deviationFloor), Math.log(deviationCap)];
  for (let d = 0; d < D; d++) {
    const own = Math.min(high, Math.max(low, parameters[D + d]!));
    parameters[D + d] = own;
    if (component.family === 'factorised') continue; // has no other part
    const row = rowOf(component, parameters, d);
    const square = row.reduce((sum, value) => sum + value ** 2, 0);
    const room = Math.max(0, deviationCap ** 2 - Math.exp(2 * own));
    if (square <= room) continue;
    const share = Math.sqrt(room / square);
    for (let n = 0; n < row.length; n++) row[n]! *= share;
  }
  return { ...component, parameters };
}

/** What adds to a dimension's variance beside its own log deviation: a view into the parameters. */
function rowOf({ family, dimensions: D, rank }: GaussianComponent, parameters: Float64Array, d: number): Float64Array {
  switch (family) {
    case 'factorised':
      return parameters.subarray(0, 0);
    case 'low-rank':
      return parameters.subarray(2 * D + d * rank, 2 * D + (d + 1) * rank);
    case 'full': {
      const start = 2 * D + (d * (d - 1)) / 2;
      return parameters.subarray(start, start + d);
    }
    default:
      throw family satisfies never;
  }
}
