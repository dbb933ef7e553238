/** The arrows of docs/architecture.md: who may import whom. */
const room = (path) => `^${path}/`;
const forbid = (name, from, to, comment) => ({
  name,
  severity: 'error',
  comment,
  from: { path: from, pathNot: '\\.test\\.ts$' },
  to: { path: to },
});
const anyOf = (...paths) => paths.map((path) => `^${path}(/|$)`).join('|');

module.exports = {
  forbidden: [
    { name: 'no-cycle', severity: 'error', from: {}, to: { circular: true } },
    { name: 'no-unresolved', severity: 'error', from: {}, to: { couldNotResolve: true } },
    forbid('contract-imports-nothing-of-ours', room('contract'), anyOf('main', 'renderer', 'cli', 'native')),
    {
      name: 'contract-no-node',
      severity: 'error',
      from: { path: room('contract') },
      to: { dependencyTypes: ['core'] },
    },
    forbid('renderer-contract-only', room('renderer'), anyOf('main', 'cli', 'native')),
    forbid(
      'numerics-inward',
      room('main/numerics'),
      anyOf(
        'main/imaging',
        'main/jobs',
        'main/storage',
        'main/compute',
        'main/network',
        'main/electron',
        'main/web',
        'cli',
        'native',
        'renderer',
      ),
    ),
    forbid(
      'imaging-inward',
      room('main/imaging'),
      anyOf(
        'main/numerics',
        'main/jobs',
        'main/storage',
        'main/compute',
        'main/network',
        'main/electron',
        'main/web',
        'cli',
        'native',
        'renderer',
      ),
    ),
    forbid(
      'jobs-inward',
      room('main/jobs'),
      anyOf('main/storage', 'main/compute', 'main/network', 'main/electron', 'main/web', 'cli', 'native', 'renderer'),
    ),
    {
      name: 'pure-rooms-no-node',
      severity: 'error',
      from: { path: '^main/(numerics|imaging|jobs)/', pathNot: '\\.test\\.ts$' },
      to: { dependencyTypes: ['core'] },
    },
    forbid(
      'storage-inward',
      room('main/storage'),
      anyOf('main/compute', 'main/network', 'main/electron', 'main/web', 'cli', 'native', 'renderer'),
    ),
    forbid('compute-inward', room('main/compute'), anyOf('main/electron', 'main/web', 'cli', 'renderer')),
    {
      name: 'native-only-from-compute',
      severity: 'error',
      from: { path: '^(main|cli|contract|renderer)/', pathNot: '^main/compute/|\\.test\\.ts$' },
      to: { path: room('native') },
    },
    forbid('native-inward', room('native'), anyOf('main', 'cli', 'renderer')),
    {
      name: 'no-shell-imports-a-shell',
      severity: 'error',
      from: { path: '^(main/electron|main/web|cli)/' },
      to: { path: '^(main/electron|main/web|cli)/', pathNot: '^$1/' },
    },
    {
      name: 'electron-only-in-its-room',
      severity: 'error',
      from: { pathNot: room('main/electron') },
      to: { path: '^node_modules/electron/' },
    },
    {
      name: 'cornerstone-only-in-viewer',
      severity: 'error',
      from: { pathNot: room('renderer/viewer') },
      to: {
        path: '^node_modules/@cornerstonejs/',
        pathNot: '^node_modules/@cornerstonejs/(codec-|jpeg-lossless-decoder-js)',
      },
    },
    {
      name: 'codecs-only-in-their-room',
      severity: 'error',
      from: { pathNot: room('main/imaging/dicom/codecs') },
      to: { path: '^node_modules/(@cornerstonejs/(codec-|jpeg-lossless-decoder-js)|dcmjs-codecs)' },
    },
    {
      name: 'tfjs-node-only-in-compute',
      severity: 'error',
      from: { pathNot: '^(main/compute|native|tests|bench)/' },
      to: { path: '^node_modules/@tensorflow/tfjs-node' },
    },
    {
      name: 'no-dev-dependency',
      severity: 'error',
      from: { path: '^(main|cli|contract|native)/', pathNot: '\\.test\\.ts$' },
      to: { dependencyTypes: ['npm-dev'], pathNot: '^node_modules/electron/' }, // Electron is the program that runs us
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
