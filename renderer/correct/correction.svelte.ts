import type { Structure } from '../../contract/app/scan-entry.ts';
import { say } from '../app-state.svelte.ts';
import type { ScanSession } from '../review/scan-session.svelte.ts';
import type { Plane } from '../viewer/scan-view-settings.ts';
import type { PointerTool } from '../viewer/tools.ts';
import { fillBetween } from './fill-between.ts';
import { grow, keepLargest, protect, removeIsland, smooth } from './label-operations.ts';
import { fillOutline, type Outline } from './outline.ts';
import { stamp } from './stamp.ts';
import { acrossOf, axisAcross, indexAt, spacingOf } from './voxel-geometry.ts';

const sizes = { least: 1, most: 30 } as const;
const opacityAtFirst = 0.35;
/** Growing over more is a leak. */
const mostGrown = 500_000;

/** How labels are corrected: brush, structure, locks, and what acts on a whole structure. Made while the page is: its effects follow the view. */
export class Correction {
  /** Radius of brushes, mm. */
  size = $state(3);
  structure = $state(1);
  locked = $state.raw<readonly number[]>([]);
  isShown = $state(true);
  opacity = $state(opacityAtFirst);
  /** Fills across this plane's slices. */
  plane = $state<Plane>('axial');
  /** Intensities that the threshold brush paints. */
  low = $state(0);
  high = $state(1);
  /** Growing takes values this far from the one at the crosshair. */
  tolerance = $state(10);
  /** What is being drawn around; undefined where nothing is. */
  outline = $state.raw<Outline>();
  readonly #session: ScanSession;

  constructor(session: ScanSession) {
    this.#session = session;
    let isNew = true;
    $effect(() => {
      if (!session.view || !isNew) return;
      isNew = false;
      [this.low, this.high] = session.view.range;
      this.tolerance = Math.max(1, Math.round((this.high - this.low) / 20));
    });
    $effect(() => {
      void session.tool;
      this.outline = undefined;
    });
    $effect(() => session.view?.setBrush(this.size));
    $effect(() => session.view?.setStructure(this.structure));
    $effect(() => session.view?.setThreshold(this.low, this.high));
    $effect(() => session.view?.showLabels(this.isShown, this.opacity));
  }

  resize(by: number): void {
    this.size = Math.min(sizes.most, Math.max(sizes.least, this.size + by));
  }
  lock(label: number): void {
    const isLocked = !this.locked.includes(label);
    this.locked = isLocked ? [...this.locked, label] : this.locked.filter((one) => one !== label);
    this.#session.view?.setLocked(label, isLocked);
  }
  nextOf(structures: readonly Structure[]): void {
    const place = structures.findIndex(({ label }) => label === this.structure);
    this.structure = structures[(place + 1) % structures.length]?.label ?? 1;
  }

  largest = () => this.#change((labels) => keepLargest(labels, this.#grid.size, this.structure));
  smooth = () =>
    this.#change((labels) =>
      smooth(labels, this.#grid.size, { label: this.structure, spacingMm: spacingOf(this.#grid.affineRasMm) }),
    );
  fill = () =>
    this.#change((labels) => {
      const { size, affineRasMm } = this.#grid;
      const axis = axisAcross(affineRasMm, this.plane);
      return fillBetween(labels, size, { label: this.structure, axis, spacingMm: spacingOf(affineRasMm) });
    });
  removeIsland = () => {
    const seed = this.#atCrosshair();
    if (seed !== undefined) this.#change((labels) => removeIsland(labels, this.#grid.size, seed));
  };
  grow = () => {
    const seed = this.#atCrosshair();
    if (seed === undefined) return;
    this.#change((labels) => {
      const settings = {
        size: this.#grid.size,
        seed,
        label: this.structure,
        tolerance: this.tolerance,
        most: mostGrown,
      };
      const grown = grow(labels, this.#session.shownValues, settings);
      if (!grown.hasLeaked) return grown.labels;
      say(`Growing went over more than ${mostGrown} voxels and was not done. Lower the tolerance.`, true);
      return labels;
    });
  };

  /** Adds a corner to what is drawn around on a slice; another slice begins anew. */
  addCorner(plane: Plane, point: readonly [number, number, number]): void {
    const { outline } = this;
    const across = acrossOf[plane].findIndex((part) => part !== 0);
    const isOnSlice = outline?.plane === plane && Math.abs(outline.corners[0]![across]! - point[across]!) < 1e-3;
    this.outline = { plane, corners: isOnSlice ? [...outline.corners, point] : [point] };
  }
  /** Fills or cuts what was drawn around. */
  closeOutline(): void {
    const { outline } = this;
    if (!outline) return;
    this.outline = undefined;
    const label = this.#session.tool === 'erase-outline' ? 0 : this.structure;
    if (outline.corners.length < 3) say('An outline needs three corners at least.');
    else this.#change((labels) => fillOutline(labels, this.#grid, { ...outline, label }));
  }

  /** Sets a tool down once at the crosshair, as a click would. */
  apply(tool: PointerTool, plane: Plane): void {
    const view = this.#session.view;
    if (!view) return;
    if (tool === 'outline' || tool === 'erase-outline') this.addCorner(plane, view.centre());
    const isEraser = tool === 'erase' || tool === 'erase-sphere' || tool === 'erase-scissors';
    if (!isEraser && tool !== 'brush' && tool !== 'sphere' && tool !== 'threshold' && tool !== 'scissors') return;
    this.#change((labels) =>
      stamp(labels, this.#session.shownValues, this.#grid, {
        centreRasMm: view.centre(),
        radiusMm: this.size,
        acrossRas: tool === 'sphere' || tool === 'erase-sphere' ? undefined : acrossOf[plane],
        label: isEraser ? 0 : this.structure,
        range: tool === 'threshold' ? [this.low, this.high] : undefined,
      }),
    );
  }

  get #grid() {
    return this.#session.image!.header; // asked for where a scan is open
  }
  #atCrosshair(): number | undefined {
    const view = this.#session.view;
    if (!view) return undefined;
    const index = indexAt(this.#grid.affineRasMm, this.#grid.size, view.centre());
    if (index === undefined) say('The crosshair is outside the scan.', true);
    return index;
  }
  #change(work: (labels: Uint8Array) => Uint8Array): void {
    const { view, image } = this.#session;
    if (!view || !image) return;
    const before = view.labels();
    const after = protect(before, work(before), this.locked);
    if (after.every((value, n) => value === before[n])) say('Nothing changed.');
    else view.replaceLabels(after);
  }
}
