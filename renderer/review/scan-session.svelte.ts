import type { ScanEntry } from '../../contract/app/scan-entry.ts';
import { attempt, say } from '../app-state.svelte.ts';
import { readVoxels, saveLabels, type Voxels } from '../connection.ts';
import { openScanView, type Plane, type PointerReading, type ScanView } from '../viewer/scan-view.ts';
import type { PointerTool } from '../viewer/tools.ts';

/** Saved this long after the last edit. */
const saveAfterMs = 1200;

/** One scan on the screen: its view, its labels and whether they are on disk. */
export class ScanSession {
  view = $state.raw<ScanView>();
  image = $state.raw<Voxels>();
  reading = $state.raw<PointerReading>();
  tool = $state<PointerTool>('crosshairs');
  window = $state.raw<readonly [number, number]>([0, 1]);
  save = $state<'saved' | 'edited' | 'saving' | 'failed'>('saved');
  /** Counts edits, so that what depends on labels follows. */
  edits = $state(0);
  readonly id: string;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #saving: Promise<void> = Promise.resolve();

  constructor(id: string) {
    this.id = id;
  }

  async open(elements: Readonly<Record<Plane, HTMLDivElement>>, scan: ScanEntry): Promise<void> {
    const image = await readVoxels(`${this.id}/image`);
    const count = image.header.size[0] * image.header.size[1] * image.header.size[2];
    const labels = scan.labels
      ? Uint8Array.from((await readVoxels(`${this.id}/labels`)).voxels as ArrayLike<number>)
      : new Uint8Array(count);
    this.image = image;
    this.view = await openScanView({
      elements,
      image,
      labels,
      onEdit: () => this.#edited(),
      onPointer: (reading) => {
        this.reading = reading;
      },
      onWindow: (low, high) => {
        this.window = [low, high];
      },
    });
    this.window = this.view.range;
  }

  choose(tool: PointerTool): void {
    this.tool = tool;
    this.view?.choose(tool);
  }

  #edited(): void {
    this.save = 'edited';
    this.edits++;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.flush(), saveAfterMs);
  }

  /** Writes what is not on disk yet; one write after the other. A write that fails is tried again. */
  flush(): Promise<void> {
    clearTimeout(this.#timer);
    if (this.save === 'saved' || !this.view || !this.image) return this.#saving;
    const { header } = this.image;
    const voxels = this.view.labels();
    const edits = this.edits;
    this.save = 'saving';
    this.#saving = this.#saving.then(async () => {
      try {
        await saveLabels(this.id, { header: { ...header, components: 1, type: 'uint8' }, voxels });
        if (this.edits === edits) this.save = 'saved';
      } catch (error) {
        this.save = 'failed';
        say(
          `The labels could not be saved (${error instanceof Error ? error.message : String(error)}). Trying again.`,
          true,
        );
        this.#timer = setTimeout(() => {
          this.save = 'edited';
          void this.flush();
        }, 3000);
      }
    });
    return this.#saving;
  }

  close(): void {
    void attempt(() => this.flush());
    this.view?.close();
    this.view = undefined;
  }
}
