export type SaveState = 'saved' | 'edited' | 'saving' | 'failed';

export interface LabelSaverSettings {
  /** A copy of the labels as they are now; undefined once their scan is closed. */
  labels(): Uint8Array | undefined;
  write(labels: Uint8Array): Promise<void>;
  onState(state: SaveState): void;
  /** False where it is of no use to try again. */
  onFailure(error: unknown): boolean;
  /** From the last edit to the write, and from a failed write to the next. */
  readonly afterMs: number;
  readonly againMs: number;
}

/** Keeps the labels of an open scan on disk: one write after the other, a while after the last edit, tried again where one fails and may succeed later. */
export class LabelSaver {
  readonly #settings: LabelSaverSettings;
  #state: SaveState = 'saved';
  /** What is on disk, or will be when the writes so far are through; undefined where one failed. */
  #sent: Uint8Array | undefined;
  #writing = 0;
  #writes: Promise<void> = Promise.resolve();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(settings: LabelSaverSettings, onDisk: Uint8Array) {
    this.#settings = settings;
    this.#sent = onDisk;
  }

  edited(): void {
    this.#show('edited');
    this.#flushIn(this.#settings.afterMs);
  }

  /** Writes what is not on disk yet; resolves when every write so far has ended. */
  flush(): Promise<void> {
    clearTimeout(this.#timer);
    const labels = this.#state === 'saved' ? undefined : this.#settings.labels();
    if (!labels) return this.#writes;
    if (isSame(labels, this.#sent)) {
      this.#show(this.#writing > 0 ? 'saving' : 'saved'); // drawing a label image counts as a change of it, and undo may lead back
      return this.#writes;
    }
    return this.#send(labels);
  }

  #send(labels: Uint8Array): Promise<void> {
    this.#show('saving');
    this.#sent = labels;
    this.#writing++;
    this.#writes = this.#writes.then(() => this.#write(labels));
    return this.#writes;
  }

  async #write(labels: Uint8Array): Promise<void> {
    try {
      await this.#settings.write(labels);
      this.#writing--;
      if (this.#sent === labels && this.#state !== 'edited') this.#show('saved');
    } catch (error) {
      this.#writing--;
      if (this.#sent !== labels) return; // newer ones are on their way
      this.#sent = undefined;
      this.#show('failed');
      if (this.#settings.onFailure(error)) this.#flushIn(this.#settings.againMs, labels);
    }
  }

  #flushIn(ms: number, last?: Uint8Array): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      if (last && !this.#settings.labels())
        void this.#send(last); // closed meanwhile: these were the last
      else void this.flush();
    }, ms);
  }

  #show(state: SaveState): void {
    this.#state = state;
    this.#settings.onState(state);
  }
}

const isSame = (a: Uint8Array, b: Uint8Array | undefined): boolean => !!b && a.every((value, n) => value === b[n]);
