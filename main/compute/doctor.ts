import { totalmem } from 'node:os';
import type { BackEndFinding, DoctorReport } from '../../contract/doctor.ts';
import { AppError } from '../../contract/errors/app-error.ts';
import { availableCores } from '../../native/available-cores.ts';
import { locateTensorflow } from '../../native/locate-tensorflow.ts';
import type { FilePorts } from '../storage/open-ports.ts';
import { availableMemoryBytes } from './machine.ts';

/** What this machine and installation can do. */
export async function doctor(ports: FilePorts, findings: readonly BackEndFinding[]): Promise<DoctorReport> {
  const { models, problems } = await ports.models.survey();
  const located = locateTensorflow();
  const audit = await ports.audit.verify().then(
    () => [],
    (cause: unknown) => [cause instanceof AppError ? cause.message : String(cause)],
  );
  return {
    backEnds: [...findings],
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
    priors: [...(await ports.priors.list())],
    problems: [...problems.map((problem) => problem.message), ...audit],
  };
}
