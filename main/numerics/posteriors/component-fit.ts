import { derive, normals, type RandomKey } from '../tensors/random.ts';
import { boundDeviations } from './bound-deviations.ts';
import { type GaussianComponent, openGaussian } from './gaussian-component.ts';
import { type ComponentProblem, objectiveGradient } from './pursuit-objective.ts';
import { type VectorAdam, vectorAdamInit, vectorAdamStep } from './vector-adam.ts';

/** Where a fit is: plain data. */
export interface FitState {
  readonly component: GaussianComponent;
  readonly adam: VectorAdam;
}

export interface FitSettings {
  /** Draws for each step, in pairs of e and -e. */
  readonly draws: number;
  readonly rate: number;
  /** Least and greatest standard deviation of a dimension: neither a spike nor a component that widens for ever. */
  readonly deviationFloor: number;
  readonly deviationCap: number;
}

export interface FitInfo {
  readonly loss: number;
  /** The estimate was not finite: nothing was moved. */
  readonly skipped: boolean;
}

export const fitInit = (component: GaussianComponent): FitState => ({
  component,
  adam: vectorAdamInit(component.parameters.length),
});

/** One step of Adam on the component. Depends on its arguments alone. */
export function fitStep(
  state: FitState,
  problem: ComponentProblem,
  settings: FitSettings,
  key: RandomKey,
): readonly [FitState, FitInfo] {
  const { noiseCount } = openGaussian(state.component);
  const noises = Array.from({ length: Math.ceil(settings.draws / 2) }, (_, n) =>
    normals(derive(key, 'noise', n), noiseCount),
  ).flatMap((noise) => (settings.draws === 1 ? [noise] : [noise, noise.map((value) => -value)]));
  const { loss, gradient } = objectiveGradient(state.component, problem, noises, derive(key, 'target'));
  if (!Number.isFinite(loss) || !gradient.every(Number.isFinite)) return [state, { loss, skipped: true }];
  const moved = vectorAdamStep(state.adam, state.component.parameters, gradient, settings.rate);
  const component = boundDeviations({ ...state.component, parameters: moved.values }, settings);
  return [
    { component, adam: moved.state },
    { loss, skipped: false },
  ];
}
