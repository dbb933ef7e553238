/** Failures of bringing native code onto the machine. */
export const nativeErrors = {
  'native/build-failed': (d: { name: string; output: string }) =>
    `The compiler could not build ${d.name}. Its last words:\n${d.output}\nInstall a C++ compiler and make, then run "npm run setup" again.`,
  'native/does-not-run': (d: { reason: string }) =>
    `TensorFlow was set up, but does not compute here (${d.reason}). Run "npm run setup -- --undo" and "npm run setup" again; if that does not help, this processor or system is not supported.`,
  'native/download-failed': (d: { file: string; reason: string }) =>
    `${d.file} could not be fetched from the Python package index (${d.reason}). Check the network, or fetch it elsewhere and run "npm run setup -- --wheels FOLDER".`,
  'native/platform-unsupported': (d: { platform: string; supported: string }) =>
    `There is no TensorFlow library for ${d.platform}. Supported are: ${d.supported}.`,
  'native/package-missing': (d: { name: string }) => `${d.name} is not installed. Run "npm ci" first.`,
  'native/tools-missing': (d: { tools: string; remedy: string }) =>
    `Set-up needs ${d.tools}. Install with: ${d.remedy}`,
  'native/wheel-damaged': (d: { path: string; file: string; reason: string }) =>
    `${d.path} is not the pinned file ${d.file} (${d.reason}). Delete it and fetch it again.`,
  'native/wheel-missing': (d: { file: string; folder: string }) =>
    `${d.file} is not in ${d.folder}. Fetch it from the Python package index on a machine with network and put it there.`,
} as const;
