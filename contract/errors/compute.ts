/** Failures of the process and the back end that compute. */
export const computeErrors = {
  'compute/no-backend': (d: { reasons: string }) =>
    `No back end that computes correctly was found (${d.reasons}). Run "npm run setup", then "fewscan doctor".`,
} as const;
