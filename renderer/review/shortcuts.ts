import type { PointerTool } from '../viewer/tools.ts';

export type Action =
  | PointerTool
  | 'undo'
  | 'redo'
  | 'apply'
  | 'close-outline'
  | 'left'
  | 'right'
  | 'up'
  | 'down'
  | 'slice-back'
  | 'slice-on'
  | 'axial'
  | 'sagittal'
  | 'coronal'
  | 'surfaces'
  | 'layout'
  | 'fit'
  | 'next-place'
  | 'previous-place'
  | 'next-sample'
  | 'previous-sample'
  | 'smaller'
  | 'larger'
  | 'next-structure'
  | 'lock'
  | 'labels'
  | 'largest-island'
  | 'remove-island'
  | 'smooth'
  | 'fill'
  | 'grow';

export interface Shortcut {
  readonly action: Action;
  readonly name: string;
  /** As `keyOf` writes it. */
  readonly key: string;
}

/** Keys of the review page as they come, in the order in which they are shown. None deletes anything that undo would not bring back. */
export const shortcuts: readonly Shortcut[] = [
  { action: 'crosshairs', name: 'crosshair', key: 'C' },
  { action: 'window', name: 'window and level', key: 'W' },
  { action: 'pan', name: 'pan', key: 'P' },
  { action: 'zoom', name: 'zoom', key: 'Z' },
  { action: 'length', name: 'distance', key: 'D' },
  { action: 'volume', name: 'volume of an island', key: 'V' },
  { action: 'fit', name: 'fit into view', key: 'R' },
  { action: 'layout', name: 'next layout', key: 'A' },
  { action: 'axial', name: 'axial plane', key: '1' },
  { action: 'sagittal', name: 'sagittal plane', key: '2' },
  { action: 'coronal', name: 'coronal plane', key: '3' },
  { action: 'surfaces', name: '3-D view', key: '4' },
  { action: 'left', name: 'crosshair or 3-D to the left', key: 'ArrowLeft' },
  { action: 'right', name: 'crosshair or 3-D to the right', key: 'ArrowRight' },
  { action: 'up', name: 'crosshair or 3-D up', key: 'ArrowUp' },
  { action: 'down', name: 'crosshair or 3-D down', key: 'ArrowDown' },
  { action: 'slice-back', name: 'slice back', key: 'PageUp' },
  { action: 'slice-on', name: 'slice on', key: 'PageDown' },
  { action: 'apply', name: 'use the tool at the crosshair', key: 'Space' },
  { action: 'brush', name: 'brush', key: 'B' },
  { action: 'sphere', name: 'sphere brush', key: 'S' },
  { action: 'threshold', name: 'threshold brush', key: 'T' },
  { action: 'erase', name: 'eraser', key: 'E' },
  { action: 'erase-sphere', name: 'sphere eraser', key: 'Shift+E' },
  { action: 'scissors', name: 'scissors that fill', key: 'X' },
  { action: 'erase-scissors', name: 'scissors that cut', key: 'Shift+X' },
  { action: 'outline', name: 'outline that fills', key: 'O' },
  { action: 'erase-outline', name: 'outline that cuts', key: 'Shift+O' },
  { action: 'close-outline', name: 'close the outline', key: 'U' },
  { action: 'smaller', name: 'smaller brush', key: '[' },
  { action: 'larger', name: 'larger brush', key: ']' },
  { action: 'next-structure', name: 'next structure', key: 'Q' },
  { action: 'lock', name: 'lock the structure', key: 'L' },
  { action: 'labels', name: 'show or hide labels', key: 'H' },
  { action: 'grow', name: 'grow at the crosshair', key: 'G' },
  { action: 'fill', name: 'fill between slices', key: 'F' },
  { action: 'largest-island', name: 'keep the largest island', key: 'I' },
  { action: 'remove-island', name: 'remove the island at the crosshair', key: 'Shift+I' },
  { action: 'smooth', name: 'smooth', key: 'M' },
  { action: 'next-place', name: 'next uncertain place', key: 'N' },
  { action: 'previous-place', name: 'uncertain place before', key: 'Shift+N' },
  { action: 'next-sample', name: 'next sample', key: '.' },
  { action: 'previous-sample', name: 'sample before', key: ',' },
  { action: 'undo', name: 'undo', key: 'Ctrl+Z' },
  { action: 'redo', name: 'redo', key: 'Ctrl+Y' },
];

/** A person's own keys, by action; the table's where there is none. */
export type ChosenKeys = Readonly<Record<string, string>>;

export const keyFor = (action: Action, chosen: ChosenKeys): string =>
  chosen[action] ?? shortcuts.find((one) => one.action === action)!.key; // the table has every action

export const actionFor = (key: string, chosen: ChosenKeys): Action | undefined => {
  const wanted = key === 'Ctrl+Shift+Z' ? keyFor('redo', chosen) : key; // as other programs have it
  return shortcuts.find(({ action }) => keyFor(action, chosen) === wanted)?.action;
};

/** Left to the window, the browser and readers of screens. */
const reserved =
  /^(Tab|Shift\+Tab|Escape|Enter|F\d+|Ctrl\+[CVXAWTNRQLP+0-]|Ctrl\+Tab|Alt\+.*|Dead|Process|Unidentified)$/;

/** Why an action cannot have a key, in a sentence; undefined where it can. */
export function refusalOf(action: Action, key: string, chosen: ChosenKeys): string | undefined {
  if (reserved.test(key)) return `${shownKey(key)} belongs to the system. Choose another key.`;
  const other = shortcuts.find((one) => one.action !== action && keyFor(one.action, chosen) === key);
  return other && `${shownKey(key)} is taken by “${other.name}”. Give that another key first.`;
}

const names: Readonly<Record<string, string>> = {
  ArrowLeft: '←',
  ArrowRight: '→',
  ArrowUp: '↑',
  ArrowDown: '↓',
  PageUp: 'Page up',
  PageDown: 'Page down',
};
/** A key for eyes. */
export const shownKey = (key: string): string => names[key] ?? key;

const modifiers = new Set(['Control', 'Shift', 'Alt', 'Meta', 'CapsLock', 'AltGraph']);

/** A pressed key as the table writes it; undefined for a modifier by itself. Cmd counts as Ctrl; Shift only where it makes no other sign. */
export function keyOf({
  key,
  ctrlKey,
  metaKey,
  altKey,
  shiftKey,
}: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey'>): string | undefined {
  if (modifiers.has(key)) return undefined;
  const name = key === ' ' ? 'Space' : key.length === 1 ? key.toUpperCase() : key;
  const isSign = key.length === 1 && key !== ' ' && key.toUpperCase() === key.toLowerCase();
  return [ctrlKey || metaKey ? 'Ctrl+' : '', altKey ? 'Alt+' : '', shiftKey && !isSign ? 'Shift+' : '', name].join('');
}
