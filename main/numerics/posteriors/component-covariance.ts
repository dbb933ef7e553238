import { type GaussianComponent, openGaussian } from './gaussian-component.ts';

/** Covariance [D, D] of a component. For few dimensions: pictures and closed forms. */
export function componentCovariance(component: GaussianComponent): Float64Array {
  const { dimensions: D } = component;
  const open = openGaussian(component);
  const centre = open.place(new Float64Array(open.noiseCount));
  const covariance = new Float64Array(D * D);
  for (let n = 0; n < open.noiseCount; n++) {
    const unit = new Float64Array(open.noiseCount);
    unit[n] = 1;
    const column = open.place(unit); // centre + L e_n
    for (let r = 0; r < D; r++)
      for (let c = 0; c < D; c++) covariance[r * D + c]! += (column[r]! - centre[r]!) * (column[c]! - centre[c]!);
  }
  return covariance;
}
