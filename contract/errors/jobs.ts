/** Failures of what the user asked for: wrong settings, unfit data, cancelled. */
export const jobErrors = {
  'compare/no-cells': (d: { folder: string }) =>
    `${d.folder} holds no finished cell of a comparison. Run "fewscan compare" without --draw first.`,
  'compare/selection': (d: { selection: string; count: number }) =>
    `"${d.selection}" chooses no scans. Give names separated by commas, or positions in name order such as 41-140 (there are ${d.count} scans).`,
  'compare/other-cases': (d: { arms: string; scans: number }) =>
    `The cells of ${d.arms} with ${d.scans} scans were judged on different test scans. Keep each choice of test scans in a folder of its own (--out).`,
  'compare/overlap': (d: { names: string }) =>
    `These scans are both in --train-from and --test-on: ${d.names}. Test on scans that no arm trains on.`,
  'data/empty-label': (d: { name: string }) =>
    `${d.name}: the label image is all background. Label the scan, or leave it out.`,
  'data/label-sets-differ': (d: { first: string; firstValues: string; second: string; secondValues: string }) =>
    `${d.second} has the label values ${d.secondValues}, but ${d.first} has ${d.firstValues}. Give every case the same structures.`,
  'data/too-few-scans': (d: { found: number; needed: number }) =>
    `${d.found} labelled scan${d.found === 1 ? '' : 's'} to train on, but at least ${d.needed} are needed (5 to 20 are advised). Label more scans, or lower the share held out.`,
  'data/unknown-cases': (d: { names: string }) => `These cases are not in the folder: ${d.names}. Check the names.`,
  'data/channel-count': (d: { found: number; needed: number }) =>
    `The scan has ${d.found} channel${d.found === 1 ? '' : 's'}, the model was made for ${d.needed}. Choose a model for these images.`,
  'evaluation/probability-classes': (d: { name: string; found: number; needed: number }) =>
    `${d.name}: its probability image has ${d.found} classes, but the structures make ${d.needed}. Evaluate results of one model at a time.`,
  'job/no-such-member': (d: { member: number; members: number }) =>
    `There is no member ${d.member}: members are numbered 0 to ${d.members - 1}.`,
  'job/settings': (d: { key: string; problem: string }) => `The setting "${d.key}" is not right: ${d.problem}.`,
  'job/prior-needed': (d: { method: string }) =>
    `Method ${d.method} starts from a prior. Name one with --prior (see "fewscan doctor" for those at hand).`,
  'job/no-intervals': (d: { method: string }) =>
    `Method ${d.method} gives one network, so there are no intervals to calibrate. Choose dwp or an ensemble, or leave --calibrate out.`,
  'job/busy': () =>
    'A job is computing: a forecast beside it would be wrong, and take its memory. Ask again when it has ended, or start at once: what is started waits for its turn.',
  'job/cancelled': (d: { phase: string }) => `Stopped on request while ${d.phase}.`,
  'job/no-unseen-scans': (d: { versions: string }) =>
    `Each of the chosen scans trained version ${d.versions}, so none can tell them apart. Choose labelled scans that trained neither.`,
  'job/other-structures': (d: { name: string; versions: string }) =>
    `Versions ${d.versions} of ${d.name} find different structures and cannot be compared by figures. Look at both in Review.`,
  'prior/nets-differ': (d: { folder: string; first: string; second: string }) =>
    `${d.folder}: ${d.first} and ${d.second} are networks of different shapes. Learn a prior from nets of one size and one kind of image.`,
  'prior/no-snapshots': (_: object) =>
    'This prior keeps no snapshots of its source net, which method lowrank goes through. Learn one anew with "fewscan learn-prior", from nets of four cycles or more.',
  'prior/too-few-nets': (d: { folder: string; found: number }) =>
    `${d.folder} holds snapshots of ${d.found} source net${d.found === 1 ? '' : 's'}; at least 2 are needed (8 or more are advised), since one is held out. Train more with "fewscan train-source".`,
  'job/equal-names': (d: { name: string }) =>
    `Two scans are called ${d.name}, and their results would lie in one folder. Rename one of the files, or segment them in two runs with folders of their own.`,
  'prior/no-start': (d: { folder: string }) =>
    `${d.folder} holds no snapshots of source nets to start from. Train one with "fewscan train-source --out ${d.folder}", or leave out --start.`,
  'reproduce/no-experiment': (d: { name: string; known: string }) =>
    `There is no experiment "${d.name}"; there are ${d.known}.`,
  'reproduce/no-images': (d: { data: string; missing: string; places: string }) =>
    `${d.missing} of ${d.data} was not found in ${d.places}. Name the folder of the four idx files with --images.`,
  'reproduce/no-results': (d: { file: string }) =>
    `${d.file} holds no results of this experiment. Run it first without --draw.`,
  'reproduce/settings': (d: { experiment: string; key: string; problem: string }) =>
    `The setting "${d.key}" of ${d.experiment} is not right: ${d.problem}. See "fewscan reproduce ${d.experiment} --help".`,
  'synthesis/crop-too-large': (d: { name: string; crop: string; size: string }) =>
    `${d.name}: the label map (${d.size} voxels) is smaller than the crop (${d.crop}). Ask for a smaller --crop.`,
  'synthesis/folder-in-use': (d: { folder: string }) =>
    `${d.folder} holds files that "fewscan synthesize" did not write. Choose an empty folder with --out.`,
  'synthesis/label-range': (d: { name: string }) =>
    `${d.name}: label values must be whole numbers from 0 to 65535. Give a label map, not an image.`,
  'synthesis/no-maps': (d: { folder: string }) =>
    `There is no label map (NIfTI or NRRD) in ${d.folder}. Check --labels.`,
  'synthesis/no-measured-intensities': (d: { folder: string; missing: string }) =>
    `The T1 intensities were not found: ${d.missing} is missing near ${d.folder}. Name their folder with --priors, or use --intensities random.`,
  'synthesis/other-settings': (d: { folder: string }) =>
    `${d.folder} holds synthetic images of other settings, seed or label maps. Use the same to continue, or choose another --out.`,
  'synthesis/priors-mismatch': (d: { folder: string; reason: string }) =>
    `The intensity files in ${d.folder} do not fit together (${d.reason}). Take all of them from one source.`,
  'synthesis/target-absent': (d: { target: string; folder: string; maps: number }) =>
    `None of the ${d.maps} label maps in ${d.folder} has the label ${d.target}. Check --target.`,
  'update/no-gate': (d: { sites: string }) =>
    `The model keeps no image features of ${d.sites}: it was made before models did. Choose "--choice entropy" or "--choice weights".`,
  'update/no-mixture': (d: { name: string }) =>
    `${d.name} holds one posterior already: there is nothing to consolidate. Choose a model that "fewscan update" made.`,
  'update/structures-differ': (d: { name: string; found: string; known: string }) =>
    `${d.name} has the label values ${d.found}, but the model segments ${d.known}. Label the same structures by the same values.`,
} as const;
