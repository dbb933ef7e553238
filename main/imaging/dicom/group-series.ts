import { AppError } from '../../../contract/errors/app-error.ts';
import type { FileHeader } from './file-header.ts';
import type { SliceHeader } from './frame-header.ts';
import { cross, dot, type FramePlace, lengthOf, minus } from './geometry-attributes.ts';
import { isSegmentation, kindOf } from './kinds.ts';
import { type Lattice, latticeOf } from './lattice.ts';
import { type PicturePlan, planPictures } from './plan-pictures.ts';
import { type Correction, planStack, type StackPlan } from './plan-stack.ts';

/** A file by its place in the caller's list. */
export interface ListedHeader extends FileHeader {
  readonly file: number;
}

export interface ListedSlice {
  readonly file: number;
  readonly slice: SliceHeader;
}

/** One volume of a series, or why there is none. A series of several echoes, phases or orientations has several parts. */
export interface SeriesPart {
  readonly header: ListedHeader;
  /** From 1. */
  readonly part: number;
  readonly parts: number;
  readonly kind: string;
  /** Along the stack where there is a plan. */
  readonly slices: readonly ListedSlice[];
  readonly files: number;
  readonly plan: StackPlan | undefined;
  /** Where the part is a segmentation object: its file, and the grid of its frames. */
  readonly segmentation: ({ readonly file: number } & Lattice) | undefined;
  readonly refusal: AppError | undefined;
  /** How to look at what is refused because it is in colour; `slices` are in its order. */
  readonly pictures: PicturePlan | undefined;
  readonly notes: readonly string[];
}

/** The parts of all series, by study and series in order of their numbers. */
export function groupSeries(
  headers: readonly ListedHeader[],
  agreed: readonly Correction[] = [],
): readonly SeriesPart[] {
  const series = bunch(headers, (header) => `${header.studyInstanceUid} ${header.seriesInstanceUid}`);
  return [...series.values()].flatMap((files) => partsOf(files, agreed)).sort(bySeriesNumber);
}

const bySeriesNumber = (a: SeriesPart, b: SeriesPart): number =>
  compare(a.header.studyInstanceUid, b.header.studyInstanceUid) ||
  (a.header.series.number ?? 0) - (b.header.series.number ?? 0) ||
  compare(a.header.seriesInstanceUid, b.header.seriesInstanceUid) ||
  a.part - b.part;
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

type Found = Omit<SeriesPart, 'part' | 'parts'>;

function partsOf(all: readonly ListedHeader[], agreed: readonly Correction[]): readonly SeriesPart[] {
  const files = [...new Map(all.map((header) => [header.sopInstanceUid || String(header.file), header])).values()];
  const copies = all.length - files.length;
  const notes = copies > 0 ? [`${copies} file(s) are copies of others and were left out.`] : [];
  const found: Found[] = [];
  const objects = files.filter((header) => !header.image);
  for (const kind of new Set(objects.map(kindOf))) {
    const ofKind = objects.filter((header) => kindOf(header) === kind);
    const refusal = new AppError('dicom/no-pixels', { kind });
    found.push({ ...nothing, header: ofKind[0]!, kind, files: ofKind.length, refusal, notes });
  }
  for (const header of files.filter(isSegmentation)) if (header.image) found.push({ ...segmentationOf(header), notes });
  for (const group of alike(files.filter((header) => header.image && !isSegmentation(header))))
    for (const volume of phases(group)) found.push({ ...volumeOf(volume, agreed), notes });
  return found.map((one, n) => ({ ...one, part: n + 1, parts: found.length }));
}

const nothing = {
  slices: [],
  plan: undefined,
  segmentation: undefined,
  refusal: undefined,
  pictures: undefined,
} as const;

function segmentationOf(header: ListedHeader): Omit<Found, 'notes'> {
  const one = { ...nothing, header, kind: kindOf(header), files: 1 };
  try {
    const lattice = latticeOf(
      header.image!.slices.map(({ place }) => place),
      header.sliceStepMm,
    );
    return { ...one, segmentation: { file: header.file, ...lattice } };
  } catch (cause) {
    if (!(cause instanceof AppError)) throw cause;
    return { ...one, refusal: cause };
  }
}

interface Member extends ListedSlice {
  readonly header: ListedHeader;
}

/** Slices that may be one volume: same grid, orientation, kind and frame of reference. */
function alike(files: readonly ListedHeader[]): readonly (readonly Member[])[] {
  const groups: Member[][] = [];
  const members = files.flatMap((header) =>
    header.image!.slices.map((slice): Member => ({ file: header.file, slice, header })),
  );
  for (const member of members) {
    const group = groups.find(([first]) => isAlike(first!, member));
    if (group) group.push(member);
    else groups.push([member]);
  }
  return groups;
}

const angleTolerance = 2e-3;
const pitchTolerance = 1e-3;

function isAlike(a: Member, b: Member): boolean {
  const [p, q] = [a.slice.place, b.slice.place];
  if ((p === undefined) !== (q === undefined)) return false;
  const same =
    a.slice.tile.columns === b.slice.tile.columns &&
    a.slice.tile.rows === b.slice.tile.rows &&
    a.header.image!.grey === b.header.image!.grey &&
    a.header.frameOfReferenceUid === b.header.frameOfReferenceUid &&
    a.slice.kind.join('|') === b.slice.kind.join('|');
  return same && (!p || !q || isSameOrientation(p, q));
}

const isSameOrientation = (p: FramePlace, q: FramePlace): boolean =>
  lengthOf(minus(p.rowDirectionLps, q.rowDirectionLps)) < angleTolerance &&
  lengthOf(minus(p.columnDirectionLps, q.columnDirectionLps)) < angleTolerance &&
  Math.abs(p.rowSpacingMm / q.rowSpacingMm - 1) < pitchTolerance &&
  Math.abs(p.columnSpacingMm / q.columnSpacingMm - 1) < pitchTolerance;

/** Repeats of the same stack, told apart by acquisition, else by instance number where every place repeats alike. */
function phases(group: readonly Member[]): readonly (readonly Member[])[] {
  if (group.some(({ slice }) => slice.place === undefined)) return [group];
  const byPlace = bunch(group, placeKey(group));
  const isCine = byPlace.size === 1; // one slice over time is no volume
  if (isCine || [...byPlace.values()].every((here) => here.length === 1)) return [group];
  const byAcquisition = [...bunch(group, ({ header }) => header.repetition).values()];
  const isStack = (members: readonly Member[]) => bunch(members, placeKey(group)).size === members.length;
  if (byAcquisition.length > 1 && byAcquisition.every(isStack) && sameCounts(byAcquisition)) return byAcquisition;
  const repeats = [...byPlace.values()];
  if (!sameCounts(repeats)) return [group];
  const ordered = repeats.map((here) => [...here].sort(byInstance));
  return ordered[0]!.map((_, n) => ordered.map((here) => here[n]!));
}

const byInstance = (a: Member, b: Member): number =>
  a.header.instanceNumber - b.header.instanceNumber || a.file - b.file || a.slice.frame - b.slice.frame;

const sameCounts = (groups: readonly (readonly unknown[])[]): boolean =>
  groups.every(({ length }) => length === groups[0]!.length);

/** Repeats of a place may differ by rounding up to this, mm, and by no more than a share of the spacing, which may be finer. */
const samePlaceMm = 0.02;
const samePlaceShare = 0.25;

/** Which place along the stack a slice has, counted from the lowest: heights that differ by rounding are one place. */
function placeKey(group: readonly Member[]): (member: Member) => string {
  const first = group[0]!.slice.place;
  if (!first) return ({ file }) => `file ${file}`;
  const normal = cross(first.rowDirectionLps, first.columnDirectionLps);
  const heightOf = ({ slice }: Member) => (slice.place ? dot(slice.place.positionLps, normal) : Number.NaN);
  const heights = [...new Set(group.map(heightOf))].sort((a, b) => a - b);
  const gaps = heights.map((height, n) => (n === 0 ? 0 : height - heights[n - 1]!));
  const isSame = Math.min(samePlaceMm, samePlaceShare * gaps.reduce((most, gap) => Math.max(most, gap), 0));
  let place = 0;
  const places = new Map(heights.map((height, n) => [height, gaps[n]! > isSame ? ++place : place]));
  return (member) => String(places.get(heightOf(member)) ?? `file ${member.file}`);
}

function bunch<Item>(items: readonly Item[], keyOf: (item: Item) => string): ReadonlyMap<string, readonly Item[]> {
  const bunches = new Map<string, Item[]>();
  for (const item of items) {
    const key = keyOf(item);
    const bunch = bunches.get(key);
    if (bunch) bunch.push(item);
    else bunches.set(key, [item]);
  }
  return bunches;
}

function volumeOf(members: readonly Member[], agreed: readonly Correction[]): Omit<Found, 'notes'> {
  const { header } = members[0]!;
  const kind = kindOf(header);
  const files = new Set(members.map(({ file }) => file)).size;
  const listed = (ordered: readonly Member[]) => ordered.map(({ file, slice }): ListedSlice => ({ file, slice }));
  const one = { ...nothing, header, kind, files };
  try {
    const plan = plannedStack(members, agreed, kind);
    return { ...one, slices: listed(plan.order.map((n) => members[n]!)), plan };
  } catch (cause) {
    if (!(cause instanceof AppError)) throw cause;
    if (cause.code !== 'dicom/colour') return { ...one, slices: listed(members), refusal: cause };
    const shown = [...members].sort(byInstance);
    const places = shown.map(({ slice }) => slice.place);
    const pictures = planPictures(places, header.sliceStepMm);
    return { ...one, slices: listed(pictures.order.map((n) => shown[n]!)), refusal: cause, pictures };
  }
}

function plannedStack(members: readonly Member[], agreed: readonly Correction[], kind: string): StackPlan {
  const { header } = members[0]!;
  if (header.unreadable)
    throw new AppError('dicom/transfer-syntax', { name: 'The series', uid: header.transferSyntaxUid });
  if (!header.image!.grey) throw new AppError('dicom/colour', { photometric: header.image!.photometric });
  const places = members.map(({ slice }) => slice.place).filter((place) => place !== undefined);
  if (places.length < members.length) throw new AppError('dicom/no-geometry', { kind });
  const distinct = bunch(members, placeKey(members)).size;
  if (distinct < members.length) throw new AppError('dicom/duplicate-positions', { count: members.length - distinct });
  return planStack(places, { thicknessMm: header.sliceStepMm, agreed, kind });
}
