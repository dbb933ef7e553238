import type { DataSet, Element } from 'dicom-parser';
import { decodeText } from './character-sets.ts';

/** Typed access to the attributes of a data set or an item; a value that is absent, empty or no number is undefined. */
export class Attributes {
  readonly #dataSet: DataSet;
  readonly #characterSets: readonly string[];

  constructor(dataSet: DataSet, inherited: readonly string[] = []) {
    this.#dataSet = dataSet;
    const own = this.#ascii('x00080005');
    this.#characterSets = own.length > 0 ? own : inherited;
  }

  element(tag: string): Element | undefined {
    return this.#dataSet.elements[tag];
  }

  /** Bytes of an element's value as stored; a view. */
  bytes(tag: string): Uint8Array | undefined {
    const element = this.#dataSet.elements[tag];
    if (!element || element.length <= 0) return undefined;
    return this.#dataSet.byteArray.subarray(element.dataOffset, element.dataOffset + element.length);
  }

  /** Codes and UIDs: plain ASCII, without padding. */
  code(tag: string): string | undefined {
    return this.codes(tag)[0];
  }

  codes(tag: string): readonly string[] {
    return this.#ascii(tag).filter((value) => value !== '');
  }

  /** Text in the data set's character sets. */
  text(tag: string): string | undefined {
    const bytes = this.bytes(tag);
    if (!bytes) return undefined;
    const text = decodeText(bytes, this.#characterSets).replaceAll('\0', '').trim();
    return text === '' ? undefined : text;
  }

  /** Numbers written as text (DS, IS); none where one of them is no number. */
  decimals(tag: string): readonly number[] {
    const values = this.codes(tag).map(Number);
    return values.every(Number.isFinite) ? values : [];
  }

  decimal(tag: string): number | undefined {
    return this.decimals(tag)[0];
  }

  /** A binary number of 16 bits (US). */
  short(tag: string, index = 0): number | undefined {
    return this.#number(tag, index, 2, (at) => this.#dataSet.uint16(tag, at));
  }

  signedShort(tag: string, index = 0): number | undefined {
    return this.#number(tag, index, 2, (at) => this.#dataSet.int16(tag, at));
  }

  long(tag: string, index = 0): number | undefined {
    return this.#number(tag, index, 4, (at) => this.#dataSet.uint32(tag, at));
  }

  /** Binary numbers of 64 bits (FD). */
  doubles(tag: string): readonly number[] {
    const count = Math.floor((this.bytes(tag)?.length ?? 0) / 8);
    const values = Array.from({ length: count }, (_, n) => this.#dataSet.double(tag, n) ?? Number.NaN);
    return values.every(Number.isFinite) ? values : [];
  }

  items(tag: string): readonly Attributes[] {
    const items = this.#dataSet.elements[tag]?.items ?? [];
    return items.flatMap(({ dataSet }) => (dataSet ? [new Attributes(dataSet, this.#characterSets)] : []));
  }

  item(tag: string): Attributes | undefined {
    return this.items(tag)[0];
  }

  /** All values, empty ones too: the first character set may be the default one. */
  #ascii(tag: string): readonly string[] {
    const bytes = this.bytes(tag);
    if (!bytes) return [];
    return decodeText(bytes, [])
      .split('\\')
      .map((value) => value.replaceAll('\0', '').trim());
  }

  #number(tag: string, index: number, width: number, read: (at: number) => number | undefined): number | undefined {
    // the bytes that are there: a damaged length may reach beyond the file
    return (this.bytes(tag)?.length ?? 0) >= width * (index + 1) ? read(index) : undefined;
  }
}
