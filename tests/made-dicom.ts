/** An element of explicit little endian with a short length. */
export const element = (group: number, number: number, vr: string, value: readonly number[]): readonly number[] => [
  ...short(group),
  ...short(number),
  vr.charCodeAt(0),
  vr.charCodeAt(1),
  ...short(value.length),
  ...value,
];

export const short = (value: number): readonly number[] => [value & 255, value >> 8];

/** Padded to an even length. */
export const text = (value: string): readonly number[] =>
  [...(value.length % 2 ? `${value} ` : value)].map((letter) => letter.charCodeAt(0));

/** A file of explicit little endian: `elements` in ascending order after its meta header. */
export const dicomFile = (...elements: readonly (readonly number[])[]): Uint8Array =>
  dicomFileIn('1.2.840.10008.1.2.1', ...elements);

/** The same under another transfer syntax. */
export const dicomFileIn = (syntax: string, ...elements: readonly (readonly number[])[]): Uint8Array =>
  Uint8Array.from([
    ...new Array<number>(128).fill(0),
    ...text('DICM'),
    ...element(2, 0x10, 'UI', syntax.length % 2 ? [...text(syntax).slice(0, -1), 0] : text(syntax)),
    ...elements.flat(),
  ]);

export interface MadeSlice {
  readonly instance: number;
  /** Image position, LPS mm. */
  readonly position: readonly [number, number, number];
  /** Rows of pixel values. */
  readonly pixels: readonly (readonly number[])[];
}

/** An MR slice of 2 mm pixels of a patient whose name must not leave the file. */
export const madeSlice = ({ instance, position, pixels }: MadeSlice): Uint8Array =>
  dicomFile(
    element(8, 8, 'CS', text('ORIGINAL\\PRIMARY\\M')),
    element(8, 0x16, 'UI', text('1.2.840.10008.5.1.4.1.1.4')),
    element(8, 0x18, 'UI', text(`1.2.3.${instance}`)),
    element(8, 0x60, 'CS', text('MR')),
    element(8, 0x103e, 'LO', text('made series')),
    element(0x10, 0x10, 'PN', text('SECRET^PATIENT')),
    element(0x20, 0x0d, 'UI', text('1.2.3')),
    element(0x20, 0x0e, 'UI', text('1.2.3.4')),
    element(0x20, 0x11, 'IS', text('7')),
    element(0x20, 0x13, 'IS', text(String(instance))),
    element(0x20, 0x32, 'DS', text(position.join('\\'))),
    element(0x20, 0x37, 'DS', text('1\\0\\0\\0\\1\\0')),
    element(0x28, 2, 'US', short(1)),
    element(0x28, 4, 'CS', text('MONOCHROME2')),
    element(0x28, 0x10, 'US', short(pixels.length)),
    element(0x28, 0x11, 'US', short(pixels[0]!.length)),
    element(0x28, 0x30, 'DS', text('2\\2')),
    element(0x28, 0x100, 'US', short(16)),
    element(0x28, 0x1053, 'DS', text('2')),
    pixelElement(pixels.flat().flatMap(short)),
  );

/** Pixel data of a claimed length, that of `value` where none is given. */
export const pixelElement = (
  value: readonly number[],
  length: readonly number[] = [...short(value.length & 0xffff), ...short(value.length >> 16)],
): readonly number[] => [0xe0, 0x7f, 0x10, 0, 0x4f, 0x57, 0, 0, ...length, ...value];
