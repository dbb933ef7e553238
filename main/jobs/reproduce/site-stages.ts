import type { ScanGate } from '../../../contract/model.ts';
import type { UnetArrays } from '../../numerics/models/unet-weights.ts';
import { centre } from '../../numerics/posteriors/posterior-mean.ts';
import {
  type MixturePosterior,
  posteriorFromNamed,
  posteriorToNamed,
  type SinglePosterior,
} from '../../numerics/posteriors/weight-posterior.ts';
import { derive, type RandomKey, rootKey } from '../../numerics/tensors/random.ts';
import { importanceOf } from '../../numerics/training/elastic-pull.ts';
import type { LearnedStart } from '../../numerics/training/training-method.ts';
import { distillationCases } from '../distillation-cases.ts';
import { exampleBatches, examplesOf } from '../example-batches.ts';
import type { PreparedCase } from '../labelled-cases.ts';
import type { JobContext, Ports, StoredPrior } from '../ports.ts';
import { scanGate } from '../scan-gate.ts';
import { trainModel } from '../train-model.ts';
import { sidesOf } from '../training-batches.ts';
import { recipeOf, sharedRecipe } from './site-recipe.ts';
import type { SiteSettings } from './site-update-settings.ts';
import { hashesOf, type TwoSites } from './two-sites.ts';

export interface StagePlan {
  readonly sites: TwoSites;
  readonly prior: StoredPrior;
  readonly settings: SiteSettings;
  readonly seed: number;
}

/** A trained posterior and what it took. */
export interface Stage {
  readonly posterior: SinglePosterior;
  readonly elapsedMs: number;
}

interface Training {
  readonly name: string;
  readonly method: 'dwp' | 'ensemble';
  readonly cases: readonly PreparedCase[];
  readonly steps: number;
  readonly from?: LearnedStart | undefined;
}

type StartFromMean = LearnedStart & { readonly mean: UnetArrays };

/** Trainings that methods share are done once: each is kept under its key until the seed is finished. */
export class SiteStages {
  readonly #ports: Ports;
  readonly #context: JobContext;
  readonly #plan: StagePlan;

  constructor(ports: Ports, context: JobContext, plan: StagePlan) {
    this.#ports = ports;
    this.#context = context;
    this.#plan = plan;
  }

  /** q of site A, from the prior. */
  first(): Promise<Stage> {
    const { sites, settings } = this.#plan;
    return this.#stage('first', {}, async () => ({
      name: 'site A',
      method: 'dwp',
      cases: sites.training.A,
      steps: settings.firstSteps,
    }));
  }

  /** q of site B, going on from q of site A. */
  naive(): Promise<Stage> {
    return this.#stage('naive', {}, async () => this.#next('site B, fine-tuned', await this.#asStart()));
  }

  ewc(): Promise<Stage> {
    const { elastic } = this.#plan.settings;
    return this.#stage('ewc', { elastic }, async () => {
      const start = await this.#asStart();
      const anchors = [{ weights: start.mean, importance: await this.#importance(start) }];
      return this.#next(`site B, elastic ${elastic}`, { ...start, elastic: { anchors, strength: elastic } });
    });
  }

  /** The component of site B: from A's centre, with deviations of its own. */
  component(): Promise<Stage> {
    const { lambda } = this.#plan.settings;
    return this.#stage('component', { lambda }, async () => {
      const { posterior } = await this.first();
      const mixture = [{ posterior, weight: 1, gate: undefined }];
      return this.#next('site B, component', { mean: centre(posterior), mixture });
    });
  }

  joint(): Promise<Stage> {
    return this.#stage('joint', {}, async () => ({ ...this.#both(), name: 'both sites', method: 'dwp' }));
  }

  ensemble(): Promise<Stage> {
    const { members } = this.#plan.settings;
    return this.#stage('ensemble', { members }, async () => ({
      ...this.#both(),
      name: 'both sites',
      method: 'ensemble',
    }));
  }

  /** The mixture in one Gaussian, learned on site B's scans. */
  consolidated(): Promise<Stage> {
    const { lambda, consolidationSteps: steps } = this.#plan.settings;
    return this.#stage('consolidated', { lambda, steps }, async () => {
      const { sites, seed } = this.#plan;
      const mixture = await this.mixture('gate');
      const cases = await distillationCases({ ...sites, mixture }, sites.training.B, {
        key: derive(rootKey(seed), 'site-update', 'distil'),
        breathe: () => this.#context.breathe('labelling by the mixture'),
      });
      const from = { mean: centre(mixture) };
      return { name: 'one network of both', method: 'dwp', cases, steps, from };
    });
  }

  async mixture(choice: MixturePosterior['choice']): Promise<MixturePosterior> {
    const [first, second] = [await this.first(), await this.component()];
    const gates = this.gates();
    return {
      kind: 'mixture',
      choice,
      components: [
        { posterior: first.posterior, weight: 0.5, gate: gates.A }, // as many scans at each site
        { posterior: second.posterior, weight: 0.5, gate: gates.B },
      ],
    };
  }

  gates(): Readonly<Record<'A' | 'B', ScanGate>> {
    const { training, net } = this.#plan.sites;
    return { A: scanGate(training.A, net.inputChannels), B: scanGate(training.B, net.inputChannels) };
  }

  async #asStart(): Promise<StartFromMean> {
    const { posterior } = await this.first();
    return {
      mean: centre(posterior),
      logVariance: posterior.kind === 'gaussian' ? posterior.logVariance : undefined,
    };
  }

  #next(name: string, from: LearnedStart): Training {
    const { sites, settings } = this.#plan;
    return { name, method: 'dwp', cases: sites.training.B, steps: settings.nextSteps, from };
  }

  #both() {
    const { sites, settings } = this.#plan;
    return {
      cases: [...sites.training.A, ...sites.training.B],
      steps: settings.firstSteps + settings.nextSteps,
    };
  }

  /** Fisher information at site A, times the patch's voxels: with a mean over voxels as loss, strength 1 is Laplace's. */
  async #importance({ mean }: StartFromMean) {
    const { sites, settings, seed } = this.#plan;
    const patch = sidesOf({ ...sites.plan, patchSize: settings.patch });
    const key = derive(rootKey(seed), 'site-update', 'importance');
    const batches = exampleBatches({
      caseCount: sites.training.A.length,
      caseAt: async (number) => sites.training.A[number]!,
      channels: sites.net.inputChannels,
      classes: sites.net.classes,
      patch,
      batch: 1,
      augmentation: recipeOf(settings).augmentation,
      pool: { size: 1, reuse: 1 },
      key: derive(key, 'patches'),
    });
    const breathe = () => this.#context.breathe('measuring importance');
    const examples = examplesOf(batches, 2 * sites.training.A.length, breathe);
    const squares = await importanceOf(sites.net, mean, examples, key);
    const voxels = patch[0] * patch[1] * patch[2];
    return { kernels: squares.kernels.map((x) => voxels * x), points: squares.points.map((x) => voxels * x) };
  }

  async #stage(name: string, own: object, training: () => Promise<Training>): Promise<Stage> {
    const { sites, settings, seed, prior } = this.#plan;
    const { scans, firstSteps, nextSteps, patch, rate, trainFrom } = settings;
    const key = this.#ports.runs.keyOf({
      experiment: 'site-update',
      version: 1,
      stage: name,
      seed,
      settings: { scans, firstSteps, nextSteps, patch, rate, trainFrom, ...own },
      recipe: sharedRecipe(settings),
      prior: prior.sha256,
      training: hashesOf(sites),
    });
    const found = await this.#ports.runs.loadCheckpoint(key);
    if (found) {
      const { kind, members, elapsedMs } = found.state as {
        kind: SinglePosterior['kind'];
        members: number;
        elapsedMs: number;
      }; // as saved below
      const layout = { weights: { kind, members }, mixture: null };
      return { posterior: posteriorFromNamed(sites.net, layout, found.arrays) as SinglePosterior, elapsedMs }; // not a mixture's layout
    }
    const trained = await this.#train(await training(), derive(rootKey(seed), 'site-update', name));
    const { posterior } = trained;
    const members = posterior.kind === 'ensemble' ? posterior.members.length : 1;
    await this.#ports.runs.saveCheckpoint(key, {
      arrays: posteriorToNamed(sites.net, posterior),
      state: { kind: posterior.kind, members, elapsedMs: trained.elapsedMs },
    });
    for (const runKey of trained.runKeys) await this.#ports.runs.finish(runKey, { stage: name, seed });
    return { posterior, elapsedMs: trained.elapsedMs };
  }

  #train({ name, method, cases, steps, from }: Training, key: RandomKey) {
    const { sites, prior, settings, seed } = this.#plan;
    const titled: JobContext = {
      ...this.#context,
      report: (progress) => this.#context.report({ ...progress, phase: `seed ${seed}, ${name}: ${progress.phase}` }),
    };
    return trainModel(this.#ports, titled, {
      method,
      net: sites.net,
      plan: { ...sites.plan, patchSize: settings.patch },
      training: cases,
      heldOut: [],
      prior,
      recipe: recipeOf(settings),
      budget: { steps },
      seed,
      key,
      ...(from && { from: { ...from, name: `site-update ${name}` } }),
    });
  }
}
