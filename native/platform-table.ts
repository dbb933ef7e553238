/** `cpu` runs everywhere; `gpu` brings CUDA and wants an NVIDIA driver. */
export type Variant = 'cpu' | 'gpu';

/** Keeps the wheel members that match, as `to` (a replacement pattern) below `deps`. */
export interface MemberRule {
  readonly match: RegExp;
  readonly to: string;
}

/** What one variant is made of: wheel files of the manifest, and the bytes they take once unpacked. */
export interface VariantSource {
  readonly wheels: readonly string[];
  readonly installedBytes: number;
}

/** One platform: where its TensorFlow comes from and how it is laid out for the binding. */
export interface PlatformRow {
  readonly platform: NodeJS.Platform;
  readonly arch: NodeJS.Architecture;
  /** `proved`: installed and run by the tests. `read`: member names read from the wheel, never run. */
  readonly standing: { readonly [V in Variant]?: 'proved' | 'read' };
  readonly sources: { readonly cpu: VariantSource; readonly gpu?: VariantSource };
  readonly members: readonly MemberRule[];
  /** Names below `deps/lib` under which the binding or install.js look for a library, and the library. */
  readonly links: readonly { readonly name: string; readonly target: string }[];
  /** Libraries of `deps/lib` that the loader wants beside the binding itself. */
  readonly besideBinding: readonly string[];
}

const HEADERS: readonly MemberRule[] = [
  {
    match: /^tensorflow\/include\/(tensorflow\/(?:c|core\/platform)\/.+|xla\/tsl\/c\/.+|tsl\/platform\/.+)$/,
    to: 'include/$1',
  },
  { match: /^tensorflow\/include\/(LICENSE)$/, to: '$1' },
];
/** Libraries of the CUDA wheels, and the compiler parts that XLA runs; their headers are left out. */
const CUDA: readonly MemberRule[] = [{ match: /^(nvidia\/(?:[^/]+\/lib|cuda_nvcc\/(?:bin|nvvm))\/.+)$/, to: '$1' }];
const LINUX_MEMBERS: readonly MemberRule[] = [
  ...HEADERS,
  ...CUDA,
  { match: /^tensorflow\/(libtensorflow_(?:cc|framework)\.so\.2)$/, to: 'lib/$1' },
];
const LINUX_LINKS = [
  { name: 'libtensorflow.so', target: 'libtensorflow_cc.so.2' },
  { name: 'libtensorflow.so.2', target: 'libtensorflow_cc.so.2' },
  { name: 'libtensorflow.so.2.9.1', target: 'libtensorflow_cc.so.2' }, // the name that keeps install.js from downloading
  { name: 'libtensorflow_framework.so', target: 'libtensorflow_framework.so.2' },
];
const CUDA_WHEELS = [
  'nvidia_cublas_cu12-12.9.3.13-py3-none-manylinux_2_27_x86_64.whl',
  'nvidia_cuda_cupti_cu12-12.9.79-py3-none-manylinux_2_25_x86_64.whl',
  'nvidia_cuda_nvcc_cu12-12.9.86-py3-none-manylinux2010_x86_64.manylinux_2_12_x86_64.whl',
  'nvidia_cuda_nvrtc_cu12-12.9.86-py3-none-manylinux2010_x86_64.manylinux_2_12_x86_64.whl',
  'nvidia_cuda_runtime_cu12-12.9.79-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl',
  'nvidia_cudnn_cu12-9.28.0.42-py3-none-manylinux_2_27_x86_64.whl',
  'nvidia_cufft_cu12-11.4.1.4-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl',
  'nvidia_curand_cu12-10.3.10.19-py3-none-manylinux_2_27_x86_64.whl',
  'nvidia_cusolver_cu12-11.7.5.82-py3-none-manylinux_2_27_x86_64.whl',
  'nvidia_cusparse_cu12-12.5.10.65-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl',
  'nvidia_nccl_cu12-2.32.3-py3-none-manylinux_2_27_x86_64.whl',
  'nvidia_nvjitlink_cu12-12.9.86-py3-none-manylinux2010_x86_64.manylinux_2_12_x86_64.whl',
];

/** Every platform that a TensorFlow wheel with the C library exists for. */
export const platformTable: readonly PlatformRow[] = [
  {
    platform: 'linux',
    arch: 'x64',
    standing: { cpu: 'proved', gpu: 'read' },
    sources: {
      cpu: { wheels: ['tensorflow_cpu-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl'], installedBytes: 854_300_000 },
      gpu: {
        wheels: ['tensorflow-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl', ...CUDA_WHEELS],
        installedBytes: 6_500_000_000, // estimated from the packed sizes
      },
    },
    members: LINUX_MEMBERS,
    links: LINUX_LINKS,
    besideBinding: [],
  },
  {
    platform: 'linux',
    arch: 'arm64',
    standing: { cpu: 'read' },
    sources: {
      cpu: { wheels: ['tensorflow-2.21.0-cp311-cp311-manylinux_2_27_aarch64.whl'], installedBytes: 884_100_000 },
    },
    members: LINUX_MEMBERS,
    links: LINUX_LINKS,
    besideBinding: [],
  },
  {
    platform: 'darwin',
    arch: 'arm64',
    standing: { cpu: 'read' },
    sources: {
      cpu: { wheels: ['tensorflow-2.21.0-cp311-cp311-macosx_12_0_arm64.whl'], installedBytes: 741_800_000 },
    },
    members: [...HEADERS, { match: /^tensorflow\/(libtensorflow_(?:cc|framework)\.2\.dylib)$/, to: 'lib/$1' }],
    links: [
      { name: 'libtensorflow.2.dylib', target: 'libtensorflow_cc.2.dylib' },
      { name: 'libtensorflow.dylib', target: 'libtensorflow_cc.2.dylib' },
      { name: 'libtensorflow_framework.dylib', target: 'libtensorflow_framework.2.dylib' },
    ],
    besideBinding: [],
  },
  {
    platform: 'win32',
    arch: 'x64',
    standing: { cpu: 'read' },
    sources: {
      cpu: { wheels: ['tensorflow_cpu-2.21.0-cp311-cp311-win_amd64.whl'], installedBytes: 1_067_800_000 },
    },
    members: [
      ...HEADERS,
      { match: /^tensorflow\/python\/(_pywrap_tensorflow_common\.dll)$/, to: 'lib/$1' },
      { match: /^tensorflow\/python\/_pywrap_tensorflow_common\.dll\.if\.lib$/, to: 'lib/tensorflow.lib' },
    ],
    links: [{ name: 'tensorflow.dll', target: '_pywrap_tensorflow_common.dll' }],
    besideBinding: ['_pywrap_tensorflow_common.dll'],
  },
];
