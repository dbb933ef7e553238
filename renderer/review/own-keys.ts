/** Voxels by which each key moves the crosshair: to the right and down on the screen, and across. */
export const moves = {
  left: { right: -1 },
  right: { right: 1 },
  up: { down: -1 },
  down: { down: 1 },
  'slice-back': { across: 1 },
  'slice-on': { across: -1 },
} as const;

/** Whether a control needs a key for itself: text all, switches and sliders what moves them. */
export function isOwnKey(target: HTMLElement, key: string): boolean {
  if (/^(SELECT|TEXTAREA)$/.test(target.tagName)) return true;
  if (target instanceof HTMLInputElement)
    return !/^(radio|checkbox|range)$/.test(target.type) || /^(Arrow|Page|Space|Home|End)/.test(key);
  return key === 'Space' && /^(BUTTON|A|SUMMARY)$/.test(target.tagName);
}
