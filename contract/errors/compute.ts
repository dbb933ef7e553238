/** Failures of the process and the back end that compute. */
export const computeErrors = {
  'compute/no-backend': (d: { reasons: string }) =>
    `No back end that computes correctly was found (${d.reasons}). Run "npm run setup", then "fewscan doctor".`,
  'compute/not-enough-memory': (d: { neededBytes: number; availableBytes: number }) =>
    `This needs about ${(d.neededBytes / 2 ** 30).toFixed(1)} GiB of memory, but ${(d.availableBytes / 2 ** 30).toFixed(1)} GiB may be used. Give a smaller part of the scan with --box, or close other programs.`,
  'compute/worker-died': (d: { how: string; advice: string }) =>
    `The computing process ended unexpectedly (${d.how}). ${d.advice} Run the same command again: it goes on from its last checkpoint.`,
} as const;
