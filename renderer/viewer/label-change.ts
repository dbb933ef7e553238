/** What differs between two label images, as a step of undo: small where the change is, whatever the scan's size. */
export interface LabelChange {
  readonly places: Uint32Array;
  readonly before: Uint8Array;
  readonly after: Uint8Array;
}

/** undefined where nothing differs. */
export function changeBetween(before: Uint8Array, after: Uint8Array): LabelChange | undefined {
  let count = 0;
  for (let n = 0; n < before.length; n++) if (before[n] !== after[n]) count++;
  if (count === 0) return undefined;
  const change = { places: new Uint32Array(count), before: new Uint8Array(count), after: new Uint8Array(count) };
  for (let n = 0, at = 0; n < before.length; n++) {
    if (before[n] === after[n]) continue;
    change.places[at] = n;
    change.before[at] = before[n]!;
    change.after[at++] = after[n]!;
  }
  return change;
}

/** Writes one side of a change into labels. */
export function applyChange(labels: Uint8Array, change: LabelChange, side: 'before' | 'after'): void {
  for (const [at, place] of change.places.entries()) labels[place] = change[side][at]!;
}
