import type { PreprocessingPlan } from '../../../contract/model.ts';
import { makePlan } from '../../imaging/preprocessing/make-plan.ts';
import type { Volume } from '../../imaging/volume.ts';
import type { UnetArchitecture } from '../../numerics/models/unet-layers.ts';
import { acquire, foreignAcquisition } from '../../numerics/synthesis/acquisition.ts';
import { derive, rootKey, shuffled } from '../../numerics/tensors/random.ts';
import { select } from '../compare.ts';
import type { Structure } from '../evaluate-case.ts';
import { commonLabels, type PreparedCase, prepareCase, type RawCase, readCase } from '../labelled-cases.ts';
import type { LabelledDataset, Ports } from '../ports.ts';
import type { SiteSettings } from './site-update-settings.ts';

export type Site = 'A' | 'B';

/** Both sites of one seed: other patients at each, B's scans as another scanner would show them. */
export interface TwoSites {
  readonly net: UnetArchitecture;
  readonly plan: PreprocessingPlan;
  readonly structures: readonly Structure[];
  readonly training: Readonly<Record<Site, readonly PreparedCase[]>>;
  readonly test: Readonly<Record<Site, readonly RawCase[]>>;
}

/** Draws, reads and prepares; the plan is made from site A's training scans alone, as a model's is. */
export async function readTwoSites(
  ports: Ports,
  dataset: LabelledDataset,
  settings: SiteSettings,
  seed: number,
): Promise<TwoSites> {
  const { scans, testScans } = settings;
  const pool = select(dataset.cases, settings.trainFrom);
  const drawn = shuffled(derive(rootKey(seed), 'site-update', 'draw'), pool.length).map((n) => pool[n]!);
  const tested = spread(select(dataset.cases, settings.testOn), 2 * testScans);
  const read = async (cases: typeof pool, site: Site): Promise<readonly RawCase[]> => {
    const raw: RawCase[] = [];
    for (const one of cases) raw.push(atSite(await readCase(ports, one), site));
    return raw;
  };
  const raw = { A: await read(drawn.slice(0, scans), 'A'), B: await read(drawn.slice(scans, 2 * scans), 'B') };
  const labels = commonLabels([...raw.A, ...raw.B]);
  const plan = makePlan(raw.A);
  const classOf = new Map(labels.map((label, place) => [label, place + 1]));
  const prepared = (cases: readonly RawCase[]) => cases.map((one) => prepareCase(ports, one, plan, classOf));
  return {
    net: { family: 'residual-unet', size: 'short', inputChannels: 1, classes: labels.length + 1 },
    plan,
    structures: labels.map((label) => ({ label, name: dataset.labelNames[label] ?? `label ${label}` })),
    training: { A: prepared(raw.A), B: prepared(raw.B) },
    test: {
      A: await read(
        tested.filter((_, n) => n % 2 === 0),
        'A',
      ),
      B: await read(
        tested.filter((_, n) => n % 2 === 1),
        'B',
      ),
    },
  };
}

/** What the training scans are: goes into the keys of what was learned from them. */
export const hashesOf = ({ training }: TwoSites): readonly (readonly [string, string])[] =>
  [...training.A, ...training.B].map(({ imageSha256, labelSha256 }) => [imageSha256, labelSha256]);

/** `count` of the cases at equal distances in name order; all where there are fewer. */
function spread<Item>(cases: readonly Item[], count: number): readonly Item[] {
  const taken = Math.min(count, cases.length);
  return Array.from({ length: taken }, (_, n) => cases[Math.floor((n * cases.length) / taken)]!);
}

/** A scan looks the same whenever it is read: its own name is the seed of field and noise. */
function atSite(raw: RawCase, site: Site): RawCase {
  if (site === 'A') return raw;
  return { ...raw, channels: raw.channels.map((channel) => foreign(channel, raw.name)) };
}

function foreign(channel: Volume, name: string): Volume {
  const [ni, nj, nk] = channel.size;
  const key = derive(rootKey(0), 'foreign site', name);
  return { ...channel, voxels: acquire(Float32Array.from(channel.voxels), [nk, nj, ni], foreignAcquisition, key) };
}
