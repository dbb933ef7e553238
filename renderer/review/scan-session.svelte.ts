import type { ScanEntry } from '../../contract/app/scan-entry.ts';
import type { VoxelArray } from '../../contract/app/voxel-message.ts';
import { AppError } from '../../contract/errors/app-error.ts';
import { app, attempt, say } from '../app-state.svelte.ts';
import { readVoxels, saveLabels, type Voxels } from '../connection.ts';
import { islandAt } from '../correct/label-operations.ts';
import { acrossOf, axisAcross, indexAt, spacingOf, voxelMl } from '../correct/voxel-geometry.ts';
import { openScanView, type ScanView } from '../viewer/scan-view.ts';
import { type Plane, type PointerReading, planes } from '../viewer/scan-view-settings.ts';
import type { PointerTool } from '../viewer/tools.ts';
import { LabelSaver, type SaveState } from './label-saver.ts';

/** Saved this long after the last edit. */
const saveAfterMs = 800;
/** A write that failed is tried again after this. */
const saveAgainMs = 3000;

/** A save that fails with one of these fails for good. */
const finalCodes: ReadonlySet<string> = new Set(['library/labels-changed', 'library/no-such-scan']);

/** To the right and downwards on each plane, RAS. */
const screenOf = {
  axial: { right: [-1, 0, 0], down: [0, -1, 0] },
  sagittal: { right: [0, -1, 0], down: [0, 0, -1] },
  coronal: { right: [-1, 0, 0], down: [0, 0, -1] },
} as const;

export interface MeasuredIsland {
  readonly label: number;
  readonly islandMl: number;
  readonly structureMl: number;
}

/** One scan on the screen: its view, its labels and whether they are on disk. */
export class ScanSession {
  view = $state.raw<ScanView>();
  image = $state.raw<Voxels>();
  reading = $state.raw<PointerReading>();
  /** Which of the scan's images is on the screen, from 0. */
  channel = $state(0);
  tool = $state<PointerTool>('crosshairs');
  window = $state.raw<readonly [number, number]>([0, 1]);
  save = $state<SaveState>('saved');
  /** Plane or 3-D view that keys act on. */
  pane = $state<Plane | 'surfaces'>('axial');
  /** Where keys have brought the crosshair; undefined while the pointer leads. */
  cursor = $state.raw<readonly [number, number, number]>();
  measured = $state.raw<MeasuredIsland>();
  /** Lengths of the distances on the screen, mm, in the order in which they were drawn. */
  distances = $state.raw<readonly number[]>([]);
  /** Counts edits, so that what depends on labels follows. */
  edits = $state(0);
  readonly id: string;
  #saver: LabelSaver | undefined;

  constructor(id: string) {
    this.id = id;
  }

  async open(elements: Readonly<Record<Plane, HTMLDivElement>>, scan: ScanEntry): Promise<void> {
    const [image, drawn] = await Promise.all([
      readVoxels(`${this.id}/image`),
      scan.labels?.sha256 ? readVoxels(`${this.id}/labels`) : undefined, // structures may be named before anything is drawn
    ]);
    const count = image.header.size[0] * image.header.size[1] * image.header.size[2];
    const labels = drawn ? Uint8Array.from(drawn.voxels as ArrayLike<number>) : new Uint8Array(count);
    this.image = image;
    this.#saver = this.#openSaver(image, labels, scan.labels?.sha256 ?? '');
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
      onDistances: (mm) => {
        this.distances = mm;
      },
    });
    this.window = this.view.range;
  }

  showChannel(channel: number): void {
    this.channel = channel;
    this.view?.showChannel(channel);
  }

  /** Values of the image on the screen; empty where none is open. */
  get shownValues(): VoxelArray {
    if (!this.image) return new Float32Array(0);
    const { header, voxels } = this.image;
    const count = header.size[0] * header.size[1] * header.size[2];
    return voxels.subarray(this.channel * count, (this.channel + 1) * count);
  }

  choose(tool: PointerTool): void {
    this.tool = tool;
    this.view?.choose(tool);
  }

  /** Whether nothing is labelled. */
  get isEmpty(): boolean {
    return !this.view?.labels().some((label) => label > 0);
  }

  /** Moves the crosshair of the pane by voxels: to the right and down on the screen, and across. */
  move({ right = 0, down = 0, across = 0 }: { right?: number; down?: number; across?: number }): void {
    const { view, image, pane } = this;
    if (!view || !image || pane === 'surfaces') return;
    const rows = image.header.affineRasMm;
    const spacing = spacingOf(rows);
    const point = [...view.centre()] as [number, number, number];
    const steps = [
      [screenOf[pane].right, right],
      [screenOf[pane].down, down],
      [acrossOf[pane], across],
    ] as const;
    for (const [way, count] of steps) {
      const plane = planes.find((one) => acrossOf[one].some((part, n) => part !== 0 && way[n] !== 0))!; // world axes
      const mm = spacing[axisAcross(rows, plane)];
      for (const axis of [0, 1, 2] as const) point[axis] += way[axis] * count * mm;
    }
    if (indexAt(rows, image.header.size, point) === undefined) return;
    this.cursor = point;
    view.jumpTo(point);
  }

  /** Volume of the island at a voxel, or at the crosshair, and of its whole structure. */
  measure(voxel?: readonly [number, number, number]): void {
    const { view, image } = this;
    if (!view || !image) return;
    const { size, affineRasMm } = image.header;
    const seed = voxel
      ? voxel[0] + size[0] * (voxel[1] + size[1] * voxel[2])
      : indexAt(affineRasMm, size, view.centre());
    const labels = view.labels();
    const label = seed === undefined ? 0 : labels[seed]!;
    if (seed === undefined || label === 0) {
      this.measured = undefined;
      say('There is no label here. Volumes are measured of what is labelled: take a result as labels, or draw.');
      return;
    }
    const ml = voxelMl(affineRasMm);
    let all = 0;
    for (const one of labels) if (one === label) all++;
    this.measured = { label, islandMl: islandAt(labels, size, seed).length * ml, structureMl: all * ml };
  }

  #edited(): void {
    this.measured = undefined;
    this.edits++;
    this.#saver?.edited();
  }

  #openSaver({ header }: Voxels, onDisk: Uint8Array, sha256: string): LabelSaver {
    let known = sha256;
    const settings = {
      labels: () => this.view?.labels(),
      write: async (voxels: Uint8Array) => {
        known = await saveLabels(this.id, { header: { ...header, components: 1, type: 'uint8' }, voxels }, known);
      },
      onState: (state: SaveState) => {
        this.save = state;
      },
      onFailure: (error: unknown) => {
        const isFinal = error instanceof AppError && finalCodes.has(error.code);
        const reason = error instanceof Error ? error.message : String(error);
        if (isFinal) app.stale = this.id;
        say(isFinal ? reason : `The labels could not be saved (${reason}). Trying again.`, true);
        return !isFinal;
      },
      afterMs: saveAfterMs,
      againMs: saveAgainMs,
    };
    return new LabelSaver(settings, onDisk);
  }

  /** Writes what is not on disk yet. */
  async flush(): Promise<void> {
    await this.#saver?.flush();
  }

  close(): void {
    void attempt(() => this.flush());
    this.view?.close();
    this.view = undefined;
    this.image = undefined; // whoever still holds this session holds no voxels
    this.#saver = undefined;
  }
}
