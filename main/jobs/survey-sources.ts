import { AppError } from '../../contract/errors/app-error.ts';
import type { JobRequest } from '../../contract/jobs.ts';
import type { UnetArchitecture } from '../numerics/models/unet-layers.ts';
import type { Ports } from './ports.ts';
import type { Snapshot } from './prior-report.ts';

/** What a prior is made from. */
export interface Sources {
  readonly snapshots: readonly Snapshot[];
  readonly net: UnetArchitecture;
  /** Nets whose kernels judge the prior and teach it nothing. */
  readonly heldOutMembers: readonly number[];
  /** Nets one of which methods will start from, and where they lie. */
  readonly starts: { readonly folder: string; readonly snapshots: readonly Snapshot[]; readonly beside: boolean };
}

/** Of the source nets this share is held out to judge the prior by, at least one. */
const heldOutShare = 0.25;

/** @throws AppError `prior/too-few-nets`, `prior/nets-differ`, `prior/no-start` */
export async function surveySources(
  ports: Ports,
  { sources, start }: Pick<JobRequest<'learn-prior'>, 'sources' | 'start'>,
): Promise<Sources> {
  const { snapshots, net } = await listSnapshots(ports, sources);
  const members = [...new Set(snapshots.map(({ member }) => member))];
  if (members.length < 2 || !net) throw new AppError('prior/too-few-nets', { folder: sources, found: members.length });
  const heldOutMembers = members.slice(-Math.max(1, Math.round(members.length * heldOutShare)));
  const taught = snapshots.filter(({ member }) => !heldOutMembers.includes(member));
  if (start === undefined)
    return { snapshots, net, heldOutMembers, starts: { folder: sources, snapshots: taught, beside: false } };
  const beside = await listSnapshots(ports, start, net);
  if (beside.snapshots.length === 0) throw new AppError('prior/no-start', { folder: start });
  return { snapshots, net, heldOutMembers, starts: { folder: start, snapshots: beside.snapshots, beside: true } };
}

/** All snapshots of a folder, of one architecture: that of `expected` where it is given. */
export async function listSnapshots(
  ports: Pick<Ports, 'sources'>,
  folder: string,
  expected?: UnetArchitecture,
): Promise<{ readonly snapshots: readonly Snapshot[]; readonly net: UnetArchitecture | undefined }> {
  const listed = await ports.sources.listSnapshots(folder);
  const snapshots: Snapshot[] = [];
  let net = expected;
  for (const at of listed) {
    const { record } = await ports.sources.loadSnapshot(folder, at);
    const architecture = record['architecture'] as UnetArchitecture; // as trainSource writes it
    net ??= architecture;
    if (JSON.stringify(architecture) !== JSON.stringify(net))
      throw new AppError('prior/nets-differ', {
        folder,
        first: expected ? 'the other source nets' : `member ${listed[0]!.member}`,
        second: `member ${at.member}`,
      });
    snapshots.push({ ...at, validationDice: Number(record['validationDice']) });
  }
  return { snapshots, net };
}
