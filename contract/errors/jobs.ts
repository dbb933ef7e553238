/** Failures of what the user asked for: wrong settings, unfit data, cancelled. */
export const jobErrors = {
  'data/empty-label': (d: { name: string }) =>
    `${d.name}: the label image is all background. Label the scan, or leave it out.`,
  'data/label-sets-differ': (d: { first: string; firstValues: string; second: string; secondValues: string }) =>
    `${d.second} has the label values ${d.secondValues}, but ${d.first} has ${d.firstValues}. Give every case the same structures.`,
  'data/too-few-scans': (d: { found: number; needed: number }) =>
    `${d.found} labelled scan${d.found === 1 ? '' : 's'} to train on, but at least ${d.needed} are needed (5 to 20 are advised). Label more scans, or lower the share held out.`,
  'data/unknown-cases': (d: { names: string }) =>
    `These cases are not in the folder: ${d.names}. Check the names.`,
  'data/channel-count': (d: { found: number; needed: number }) =>
    `The scan has ${d.found} channel${d.found === 1 ? '' : 's'}, the model was made for ${d.needed}. Choose a model for these images.`,
  'job/no-such-member': (d: { member: number; members: number }) =>
    `There is no member ${d.member}: members are numbered 0 to ${d.members - 1}.`,
  'job/prior-needed': (d: { method: string }) =>
    `Method ${d.method} starts from a prior. Name one with --prior (see "fewscan doctor" for those at hand).`,
  'job/cancelled': (d: { phase: string }) => `Stopped on request while ${d.phase}.`,
} as const;
