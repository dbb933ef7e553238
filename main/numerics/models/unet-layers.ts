/** Size of the residual 3D U-Net (methods: `short` has 726,480 weights for one channel and two classes, `full` 4,998,608). */
export interface UnetArchitecture {
  readonly family: 'residual-unet';
  readonly size: 'short' | 'full';
  readonly inputChannels: number;
  /** Background included. */
  readonly classes: number;
}

/** One convolution without bias. */
export interface UnetLayer {
  /** `input`, `down-3/conv-1`, `down-3/shortcut`, `up-1/reduce`, `up-1/conv-2`, `head`. */
  readonly name: string;
  readonly kernelSize: 1 | 3;
  readonly inChannels: number;
  readonly outChannels: number;
  readonly stride: 1 | 2;
}

/** Channels at each resolution, and how many down blocks end there; the first of each halves. */
const sizes = {
  short: { channels: [16, 32, 32, 64], downBlocks: [2, 2, 2] },
  full: { channels: [16, 32, 64, 128], downBlocks: [2, 2, 5] },
} as const;

/** Halvings of the grid: patch sides are multiples of 2 ** halvings. */
export const halvings = 3;
export const sideMultiple = 2 ** halvings;

/** A down block: where it halves it has a shortcut convolution, else the identity. */
export interface DownBlock {
  readonly name: string;
  readonly halves: boolean;
  /** Resolution level that it reaches, 1 to 3. */
  readonly level: number;
}

export function downBlocks({ size }: UnetArchitecture): readonly DownBlock[] {
  let number = 0;
  return sizes[size].downBlocks.flatMap((count, index) =>
    Array.from({ length: count }, (_, n) => ({ name: `down-${++number}`, halves: n === 0, level: index + 1 })),
  );
}

/** Every layer: first the 3^3 convolutions in the network's order (the Bayesian ones), then the 1^3 ones. */
export function unetLayers(net: UnetArchitecture): readonly UnetLayer[] {
  const channels = sizes[net.size].channels;
  const at = (level: number): number => channels[level]!;
  const cube = (name: string, inChannels: number, outChannels: number, stride: 1 | 2 = 1): UnetLayer => ({
    name,
    kernelSize: 3,
    inChannels,
    outChannels,
    stride,
  });
  const point = (name: string, inChannels: number, outChannels: number, stride: 1 | 2 = 1): UnetLayer => ({
    name,
    kernelSize: 1,
    inChannels,
    outChannels,
    stride,
  });
  const cubes: UnetLayer[] = [cube('input', net.inputChannels, at(0))];
  const points: UnetLayer[] = [];
  for (const { name, halves, level } of downBlocks(net)) {
    const from = halves ? at(level - 1) : at(level);
    cubes.push(cube(`${name}/conv-1`, from, at(level), halves ? 2 : 1), cube(`${name}/conv-2`, at(level), at(level)));
    if (halves) points.push(point(`${name}/shortcut`, from, at(level), 2));
  }
  for (let number = 1; number <= halvings; number++) {
    const level = halvings - number;
    points.push(point(`up-${number}/reduce`, at(level + 1), at(level)));
    for (const conv of ['conv-1', 'conv-2']) cubes.push(cube(`up-${number}/${conv}`, at(level), at(level)));
  }
  return [...cubes, ...points, point('head', at(0), net.classes)];
}

/** k x k x k slices of a layer: one for each pair of channels. */
export const sliceCount = ({ inChannels, outChannels }: UnetLayer): number => inChannels * outChannels;
export const isBayesian = ({ kernelSize }: UnetLayer): boolean => kernelSize === 3;
