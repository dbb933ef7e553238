import type { PointerTool } from '../viewer/tools.ts';

export type Action = PointerTool | 'undo' | 'redo' | 'next-place';

/** Keys of the review page. None deletes anything that undo would not bring back. */
export const shortcuts: readonly { readonly key: string; readonly name: string; readonly action: Action }[] = [
  { key: 'C', name: 'crosshair', action: 'crosshairs' },
  { key: 'W', name: 'window and level', action: 'window' },
  { key: 'P', name: 'pan', action: 'pan' },
  { key: 'Z', name: 'zoom', action: 'zoom' },
  { key: 'D', name: 'distance', action: 'length' },
  { key: 'B', name: 'brush', action: 'brush' },
  { key: 'S', name: 'sphere brush', action: 'sphere' },
  { key: 'T', name: 'threshold brush', action: 'threshold' },
  { key: 'E', name: 'eraser', action: 'erase' },
  { key: 'X', name: 'scissors', action: 'scissors' },
  { key: 'N', name: 'next uncertain place', action: 'next-place' },
  { key: 'Ctrl+Z', name: 'undo', action: 'undo' },
  { key: 'Ctrl+Y', name: 'redo', action: 'redo' },
];

/** A pressed key as the table writes it; Cmd counts as Ctrl, Ctrl+Shift+Z as Ctrl+Y. */
export function keyOf({
  key,
  ctrlKey,
  metaKey,
  shiftKey,
}: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'shiftKey'>): string {
  const letter = key.length === 1 ? key.toUpperCase() : key;
  if (!ctrlKey && !metaKey) return letter;
  return letter === 'Z' && shiftKey ? 'Ctrl+Y' : `Ctrl+${letter}`;
}
