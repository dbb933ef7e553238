import { AppError } from '../../../contract/errors/app-error.ts';

/** What went wrong with the file or folder at `where`, as an error with a remedy where there is one; else the cause itself. */
export function fileFailure(cause: unknown, where: string): unknown {
  if (isFileInTheWay(cause)) return new AppError('storage/not-a-folder', { where }, { cause });
  switch (errorCode(cause)) {
    case 'ENOSPC':
    case 'EDQUOT':
    case 'EFBIG':
      return new AppError('storage/disk-full', { where }, { cause });
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new AppError('storage/no-permission', { where }, { cause });
    case 'ENOENT':
      return new AppError('storage/not-found', { what: 'file or folder', where }, { cause });
    case 'ENOTDIR':
      return new AppError('storage/not-a-folder', { where }, { cause });
    case 'EISDIR':
      return new AppError('storage/not-a-file', { where }, { cause });
    default:
      return cause;
  }
}

/** A folder was to be made where a file is. */
const isFileInTheWay = (cause: unknown): boolean =>
  errorCode(cause) === 'EEXIST' && cause instanceof Error && 'syscall' in cause && cause.syscall === 'mkdir';

/** Runs `work`, which touches `where`, and throws its failures as `fileFailure` says them. */
export async function touching<Result>(where: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (cause) {
    throw fileFailure(cause, where);
  }
}

/** The system's code of an error, e.g. `ENOENT`; undefined where it has none. */
export const errorCode = (cause: unknown): string | undefined =>
  cause instanceof Error && 'code' in cause && typeof cause.code === 'string' && !(cause instanceof AppError)
    ? cause.code
    : undefined;
