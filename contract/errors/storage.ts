/** Failures of files: models, priors, runs, results. */
export const storageErrors = {
  'storage/not-found': (d: { what: string; where: string }) => `There is no ${d.what} at ${d.where}. Check the path.`,
} as const;
