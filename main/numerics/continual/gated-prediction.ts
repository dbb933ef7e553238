import { logSumExp } from '../posteriors/additive-mixture.ts';

/** What the components of a mixture over weights say of some images, each image by itself. */
export interface ComponentPredictions {
  /** [component][image, class]: mean probabilities over draws of the component. */
  readonly probabilities: readonly Float32Array[];
  /** Log weights of the components. */
  readonly logWeights: readonly number[];
  readonly classes: number;
}

/** The mixture's own prediction, sum over components of weight times probability, [image, class]. */
export const mixturePrediction = (predictions: ComponentPredictions): Float64Array =>
  blend(predictions, () => predictions.logWeights);

/** Each image by the component with the least predictive entropy alone. */
export function surestPrediction(predictions: ComponentPredictions): Float64Array {
  const { probabilities, classes } = predictions;
  return blend(predictions, (n) => {
    const entropies = probabilities.map((own) => entropy(own.subarray(n * classes, (n + 1) * classes)));
    const least = entropies.indexOf(Math.min(...entropies));
    return entropies.map((_, k) => (k === least ? 0 : Number.NEGATIVE_INFINITY));
  });
}

/**
 * Bayes' rule for the task that an image is of: sum over components of p(task | image) times probability, where p(task | image) is in proportion
 * to the component's weight times the density of the image under the task.
 * @param logDensities [component][image]
 */
export const gatedPrediction = (
  predictions: ComponentPredictions,
  logDensities: readonly Float64Array[],
): Float64Array =>
  blend(predictions, (n) => {
    const joint = predictions.logWeights.map((weight, k) => weight + logDensities[k]![n]!);
    const evidence = logSumExp(joint);
    return joint.map((value) => value - evidence);
  });

function blend(
  { probabilities, classes }: ComponentPredictions,
  logShares: (image: number) => readonly number[],
): Float64Array {
  const count = probabilities[0]!.length / classes;
  const blended = new Float64Array(count * classes);
  for (let n = 0; n < count; n++)
    for (const [k, logShare] of logShares(n).entries())
      for (let c = 0; c < classes; c++)
        blended[n * classes + c]! += Math.exp(logShare) * probabilities[k]![n * classes + c]!;
  return blended;
}

const entropy = (probabilities: Float32Array): number =>
  probabilities.reduce((sum, p) => (p > 0 ? sum - p * Math.log(p) : sum), 0);

/** The class of the greatest value of each row. */
export function likeliestClasses(values: ArrayLike<number>, classes: number): Uint8Array {
  return Uint8Array.from({ length: values.length / classes }, (_, n) => {
    let best = 0;
    for (let c = 1; c < classes; c++) if (values[n * classes + c]! > values[n * classes + best]!) best = c;
    return best;
  });
}
