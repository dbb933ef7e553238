/** Failures of what the user asked for: wrong settings, unfit data, cancelled. */
export const jobErrors = {
  'job/cancelled': (d: { phase: string }) => `Stopped on request while ${d.phase}.`,
} as const;
