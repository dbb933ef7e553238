import { totalmem } from 'node:os';
import { availableCores } from '../../native/available-cores.ts';
import { locateTensorflow } from '../../native/locate-tensorflow.ts';
import type { FilePorts } from '../storage/open-ports.ts';
import type { BackEndFinding } from './back-end.ts';
import { availableMemoryBytes } from './machine.ts';

export interface DoctorReport {
  readonly backEnds: readonly BackEndFinding[];
  readonly tensorflow: { readonly version: string; readonly variant: string; readonly libraries: string } | null;
  readonly cores: number;
  readonly memory: { readonly totalBytes: number; readonly availableBytes: number };
  readonly versions: Readonly<Record<string, string>>;
  readonly home: string;
  readonly models: readonly {
    readonly name: string;
    readonly version: number;
    readonly current: boolean;
    readonly shipped: boolean;
  }[];
  readonly priors: readonly { readonly name: string; readonly shipped: boolean }[];
  /** Sentences on models that cannot be read. */
  readonly problems: readonly string[];
}

/** What this machine and installation can do. */
export async function doctor(ports: FilePorts, findings: readonly BackEndFinding[]): Promise<DoctorReport> {
  const { models, problems } = await ports.models.survey();
  const located = locateTensorflow();
  return {
    backEnds: findings,
    tensorflow: located ? { version: located.version, variant: located.variant, libraries: located.libraries } : null,
    cores: availableCores(),
    memory: { totalBytes: totalmem(), availableBytes: availableMemoryBytes() },
    versions: { node: process.versions.node, platform: `${process.platform} ${process.arch}` },
    home: ports.home,
    models: models.map(({ record, current, shipped }) => ({
      name: record.name,
      version: record.modelVersion,
      current,
      shipped,
    })),
    priors: await ports.priors.list(),
    problems: problems.map((problem) => problem.message),
  };
}
