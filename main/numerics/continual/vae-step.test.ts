import { memory, type Tensor, type Tensor2D, tensor1d, tensor2d, tidy } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { useTensorflow } from '../../../tests/back-end.ts';
import { denseOf, type MlpVaeShape, mlpVaeStart } from '../models/mlp-vae.ts';
import { derive, normals, rootKey, uniforms } from '../tensors/random.ts';
import { mapRecord, type TensorRecord, toTensors } from '../tensors/tensor-record.ts';
import { type BoostedPrior, boostedMixture } from './boosting.ts';
import { addAnchor, noAnchors } from './elastic-anchors.ts';
import { imageEncoder } from './input-encoder.ts';
import { mixtureTensors } from './mixture-tensors.ts';
import { type ProtectedPast, protectionTargets, protectionTerms } from './protection.ts';
import { priorStart, type TrainingPrior } from './training-prior.ts';
import { disposeVae, meanNegativeBound, startVae, type VaeObjective, vaeStep } from './vae-step.ts';

const key = rootKey(91);
const shape: MlpVaeShape = { pixels: 16, width: 12, latent: 3, logVarianceRange: [-6, 2] };
const start = mlpVaeStart(shape, key);
const components = 4;

describe.skipIf(!useTensorflow())('a step of a VAE', () => {
  const images = tensor2d(
    Float32Array.from(uniforms(derive(key, 'images'), 40 * shape.pixels), (u) => u ** 3),
    [40, shape.pixels],
  );
  const boosted: BoostedPrior = {
    inputs: Array.from({ length: components }, (_, k) =>
      Float32Array.from(uniforms(derive(key, 'u', k), shape.pixels)),
    ),
    logWeights: Float64Array.of(0.1, 0.2, 0.3, 0.4).map(Math.log),
  };
  const inputs = tensor2d(Float32Array.from(boosted.inputs.flatMap((input) => Array.from(input))), [
    components,
    shape.pixels,
  ]);
  const priors: readonly TrainingPrior[] = [
    { kind: 'standard' },
    { kind: 'gaussians' },
    { kind: 'inputs' },
    { kind: 'boosted', inputs, logWeights: tensor1d(Float32Array.from(boosted.logWeights)) },
  ];
  const past: ProtectedPast = {
    weights: toTensors(start),
    inputs,
    codes: mixtureTensors(boostedMixture(boosted, imageEncoder({ shape, weights: start }))),
    mixture: boostedMixture(boosted, imageEncoder({ shape, weights: start })),
  };
  const own = (prior: TrainingPrior): TensorRecord => ({
    ...toTensors(start),
    ...priorStart(prior.kind, shape, components, key),
  });

  it.each(priors)('lowers the bound under the prior "$kind" and owns its tensors', (prior) => {
    const before = memory().numTensors;
    const objective: VaeObjective = { shape, prior, klWeight: 1, rate: 3e-3 };
    let vae = startVae(own(prior));
    const bound = (parameters: TensorRecord) => meanNegativeBound(parameters, objective, images, derive(key, 'judge'));
    const first = bound(vae.parameters);
    for (let n = 0; n < 60; n++) [vae] = vaeStep(vae, images, objective, key);
    expect(bound(vae.parameters)).toBeLessThan(first - 1);
    disposeVae(vae);
    expect(memory().numTensors).toBe(before);
  });

  it.each(priors)('has the bound gradient of finite differences under the prior "$kind"', (prior) => {
    // Adam's first step goes down each axis by the rate, against the sign of the gradient: it is read from two such steps
    const objective: VaeObjective = { shape, prior, klWeight: 1, rate: 1e-3 };
    const parameters = own(prior);
    const copy = () => mapRecord(parameters, (value) => value.clone());
    const at = (weights: TensorRecord) => meanNegativeBound(weights, objective, images, derive(key, 'latent', 0));
    const [vae] = vaeStep(startVae(copy()), images, objective, key);
    const moved = mapRecord(vae.adam.firstMoment, (moment) => moment.div(0.1)); // (1 - beta1) times the gradient
    for (const name of Object.keys(parameters)) {
      const gradient = moved[name]!;
      const length = Math.sqrt(gradient.square().sum().dataSync()[0]!);
      if (length < 1e-3) continue;
      const direction = gradient.div(length);
      const along = (by: number) => at({ ...parameters, [name]: parameters[name]!.add(direction.mul(by)) });
      const slope = (along(5e-3) - along(-5e-3)) / 1e-2;
      expect(Math.abs(slope - length), name).toBeLessThan(0.03 * length + 2e-3);
    }
  });

  it('with anchors adds their pull to the gradient', () => {
    const prior = priors[0]!;
    const weights = toTensors(start);
    const elsewhere = mapRecord(weights, (value) => value.add(1));
    const anchors = addAnchor(
      noAnchors(weights),
      elsewhere,
      mapRecord(weights, (value) => value.mul(0).add(0.5)),
    );
    const gradientOf = (objective: VaeObjective) =>
      vaeStep(startVae(toTensors(start)), images, objective, key)[0].adam.firstMoment;
    const free = gradientOf({ shape, prior, klWeight: 1, rate: 0 });
    const held = gradientOf({ shape, prior, klWeight: 1, rate: 0, elastic: { anchors, weight: 2 } });
    for (const name of Object.keys(weights)) {
      const pull = held[name]!.sub(free[name]!).div(0.1).dataSync(); // weight 2 x F 0.5 x (w - w_t = -1)
      for (const value of pull) expect(value).toBeCloseTo(-1, 3);
    }
  });

  it.each(['inputs', 'images', 'both'] as const)(
    'has protecting terms that are 0 at the old weights, positive elsewhere (%s)',
    (encoderAt) => {
      const targets = protectionTargets(shape, past, { draws: 30, encoderAt }, key);
      expect(targets.places.shape[0]).toBe(encoderAt === 'both' ? 60 : 30);
      const value = (weights: TensorRecord): readonly number[] => {
        const { decoder, encoder } = protectionTerms(shape, denseOf(weights), targets);
        return [decoder.dataSync()[0]!, encoder.dataSync()[0]!];
      };
      for (const term of value(past.weights)) expect(Math.abs(term)).toBeLessThan(1e-4);
      for (let n = 0; n < 5; n++) {
        const other = mapRecord(past.weights, (weight, name) => weight.add(noiseLike(weight, `${n} ${name}`)));
        for (const term of value(other)) expect(term).toBeGreaterThan(0);
      }
    },
  );

  it('with protection forgets less: the old codes keep their images while a new task is learned', () => {
    const prior = priors[3]!;
    const forget = (weight: number) => {
      const protection = { past, weight, draws: 40, encoderAt: 'both' } as const;
      let vae = startVae(toTensors(start));
      for (let n = 0; n < 80; n++)
        [vae] = vaeStep(vae, images, { shape, prior, klWeight: 1, rate: 3e-3, protection }, key);
      const terms = tidy(() => {
        const targets = protectionTargets(shape, past, protection, derive(key, 'judge'));
        return protectionTerms(shape, denseOf(vae.parameters), targets);
      });
      return terms.decoder.dataSync()[0]! + terms.encoder.dataSync()[0]!;
    };
    expect(forget(1)).toBeLessThan(0.5 * forget(0));
  });
});

const noiseLike = (value: Tensor, name: string): Tensor2D =>
  tensor1d(Float32Array.from(normals(derive(key, name), value.size), (x) => 0.1 * x)).reshape(value.shape);
