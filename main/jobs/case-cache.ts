import type { PreparedCase } from './labelled-cases.ts';

/** Prepared cases by number, the least recently used dropped beyond a size: a training may hold more scans than memory does. */
export class CaseCache {
  readonly #cases = new Map<number, PreparedCase>();
  readonly #prepare: (number: number) => Promise<PreparedCase>;
  readonly #limitBytes: number;
  #bytes = 0;

  constructor(prepare: (number: number) => Promise<PreparedCase>, limitBytes: number) {
    this.#prepare = prepare;
    this.#limitBytes = limitBytes;
  }

  async at(number: number): Promise<PreparedCase> {
    const held = this.#cases.get(number);
    const found = held ?? (await this.#prepare(number));
    this.#cases.delete(number);
    this.#cases.set(number, found); // the latest is last
    if (!held) this.#bytes += sizeOf(found);
    for (const [old, value] of this.#cases) {
      if (this.#bytes <= this.#limitBytes || old === number) break;
      this.#cases.delete(old);
      this.#bytes -= sizeOf(value);
    }
    return found;
  }
}

const sizeOf = ({ image, labels }: PreparedCase): number => image.byteLength + labels.byteLength;
