import type { WireError } from '../../contract/errors/app-error.ts';
import type { JobRequest } from '../../contract/jobs.ts';
import type { Progress } from '../../contract/progress.ts';

/** What the host says to the computing child. */
export type ToWorker =
  | { readonly kind: 'run'; readonly request: JobRequest; readonly home: string; readonly resources: string }
  | { readonly kind: 'cancel' };

/** What the child says. `stopping`: it has heard the request and keeps what it has. After `result`, `failed` or `bug` it ends. */
export type FromWorker =
  | { readonly kind: 'progress'; readonly progress: Progress }
  | { readonly kind: 'stopping' }
  | { readonly kind: 'result'; readonly result: unknown }
  | { readonly kind: 'failed'; readonly error: WireError }
  | { readonly kind: 'bug'; readonly stack: string };
