import { derive, type RandomKey } from '../tensors/random.ts';
import { type AdditiveMixture, addComponent, drawFrom, drawPoint, mixtureOf, openMixture } from './additive-mixture.ts';
import { type FitSettings, fitInit, fitStep } from './component-fit.ts';
import { type Family, type GaussianComponent, meanOf, openGaussian, startComponent } from './gaussian-component.ts';
import { defended, type PursuitObjective, type Target } from './pursuit-objective.ts';
import { dualityGap, searchWeight, type WeightEvidence } from './weight-search.ts';

/** MaxEntropy Pursuit over a target: how components look, where they start, how each is fitted. */
export interface PursuitSettings {
  readonly family: Family;
  /** Of low-rank components. */
  readonly rank?: number;
  readonly objective: PursuitObjective;
  /** Starts are drawn from it and from the mixture; a share of it defends the mixture's tails in the lambda objective. */
  readonly prior: GaussianComponent;
  readonly defence: number;
  readonly startDeviation: number;
  /** Draws among which a component starts at the one that the mixture misses most. */
  readonly candidates: number;
  readonly steps: number;
  readonly fit: FitSettings;
  /** Draws for weight and gap. */
  readonly draws: number;
  /** Nats: no component is added once the estimated duality gap is below it. */
  readonly gapTolerance: number;
}

export interface PursuitState {
  /** undefined before the first component. */
  readonly mixture: AdditiveMixture | undefined;
  readonly isDone: boolean;
}

export interface PursuitInfo {
  readonly weight: number;
  /** Of the mixture before this component, nats; null for the first. */
  readonly gap: number | null;
  readonly gapError: number | null;
  readonly lastLoss: number;
  readonly skippedSteps: number;
}

export const pursuitInit = (): PursuitState => ({ mixture: undefined, isDone: false });

/** Fits one more component and adds it by the best weight, or says that the gap has closed. Depends on its arguments alone. */
export function pursuitStep(
  { mixture }: PursuitState,
  target: Target,
  settings: PursuitSettings,
  key: RandomKey,
): readonly [PursuitState, PursuitInfo] {
  const start = chooseStart(mixture, target, settings, derive(key, 'start'));
  const fitted = fitComponent(start, { mixture, target, settings }, derive(key, 'fit'));
  const { lastLoss, skippedSteps } = fitted;
  if (!mixture)
    return [
      { mixture: mixtureOf(fitted.component), isDone: false },
      { weight: 1, gap: null, gapError: null, lastLoss, skippedSteps },
    ];
  const evidence = gatherEvidence(mixture, fitted.component, { target, draws: settings.draws }, derive(key, 'weigh'));
  const { gap, standardError: gapError } = dualityGap(evidence);
  if (gap < settings.gapTolerance)
    return [
      { mixture, isDone: true },
      { weight: 0, gap, gapError, lastLoss, skippedSteps },
    ];
  const weight = searchWeight(evidence);
  return [
    { mixture: addComponent(mixture, fitted.component, weight), isDone: false },
    { weight, gap, gapError, lastLoss, skippedSteps },
  ];
}

/** Where log p - log q is greatest among draws of the prior and, in turn with them, of the mixture: what is missed may lie far off or beside it. */
function chooseStart(
  mixture: AdditiveMixture | undefined,
  target: Target,
  { family, rank = 0, prior, candidates, startDeviation, defence }: PursuitSettings,
  key: RandomKey,
): GaussianComponent {
  const open = mixture && openMixture(defended(mixture, prior, defence));
  let best = { point: meanOf(prior), missed: Number.NEGATIVE_INFINITY };
  for (let n = 0; n < candidates; n++) {
    const point = mixture && n % 2 === 1 ? drawPoint(mixture, key, n) : drawFrom(prior, key, n);
    const missed = target(point, derive(key, 'target', n)).value - (open?.logDensity(point) ?? 0);
    if (missed > best.missed) best = { point, missed };
  }
  return startComponent({ family, rank }, best.point, startDeviation);
}

interface FitContext {
  readonly mixture: AdditiveMixture | undefined;
  readonly target: Target;
  readonly settings: PursuitSettings;
}

function fitComponent(start: GaussianComponent, { mixture, target, settings }: FitContext, key: RandomKey) {
  const { objective, prior, defence, steps, fit } = settings;
  const opponent = mixture && objective.kind === 'lambda' && defence > 0 ? defended(mixture, prior, defence) : mixture;
  let state = fitInit(start);
  let lastLoss = Number.NaN;
  let skippedSteps = 0;
  for (let step = 0; step < steps; step++) {
    const rate = fit.rate * 0.5 * (1 + Math.cos((Math.PI * step) / steps));
    const problem = { mixture: opponent, target, objective };
    const [next, { loss, skipped }] = fitStep(state, problem, { ...fit, rate }, derive(key, step));
    state = next;
    lastLoss = loss;
    if (skipped) skippedSteps++;
  }
  return { component: state.component, lastLoss, skippedSteps };
}

/** Draws of the mixture and of the component, seen by mixture, component and target. */
export function gatherEvidence(
  mixture: AdditiveMixture,
  component: GaussianComponent,
  { target, draws }: { readonly target: Target; readonly draws: number },
  key: RandomKey,
): WeightEvidence {
  const [openedMixture, openedComponent] = [openMixture(mixture), openGaussian(component)];
  const see = (points: readonly Float64Array[], name: string) => ({
    mixture: Float64Array.from(points, (point) => openedMixture.logDensity(point)),
    component: Float64Array.from(points, (point) => openedComponent.logDensity(point)),
    target: Float64Array.from(points, (point, n) => target(point, derive(key, name, n)).value),
  });
  const numbers = Array.from({ length: draws }, (_, n) => n);
  return {
    atMixture: see(
      numbers.map((n) => drawPoint(mixture, derive(key, 'mixture'), n)),
      'target at mixture',
    ),
    atComponent: see(
      numbers.map((n) => drawFrom(component, derive(key, 'component'), n)),
      'target at component',
    ),
  };
}
