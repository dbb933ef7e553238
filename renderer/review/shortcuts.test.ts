import { describe, expect, it } from 'vitest';
import { actionFor, keyFor, keyOf, refusalOf, shortcuts } from './shortcuts.ts';

const press = (key: string, held: Partial<Record<'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey', boolean>> = {}) =>
  keyOf({ key, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...held });

describe('keys', () => {
  it('are given once, none is reserved, and every action has one', () => {
    const keys = shortcuts.map(({ key }) => key);
    expect(new Set(keys).size).toBe(keys.length);
    expect(new Set(shortcuts.map(({ action }) => action)).size).toBe(shortcuts.length);
    for (const { action, key } of shortcuts) expect(refusalOf(action, key, {})).toBeUndefined();
  });

  it('are written alike, with Caps Lock or without, with Ctrl or Cmd', () => {
    expect(press('b')).toBe('B');
    expect(press('B')).toBe('B');
    expect(press('E', { shiftKey: true })).toBe('Shift+E');
    expect(press('?', { shiftKey: true })).toBe('?');
    expect(press('z', { metaKey: true })).toBe('Ctrl+Z');
    expect(press(' ')).toBe('Space');
    expect(press('ArrowLeft')).toBe('ArrowLeft');
    expect(press('Shift', { shiftKey: true })).toBeUndefined();
  });

  it('do what was chosen, and the old key then nothing', () => {
    const chosen = { brush: 'J' };
    expect(actionFor('J', chosen)).toBe('brush');
    expect(actionFor('B', chosen)).toBeUndefined();
    expect(keyFor('brush', chosen)).toBe('J');
    expect(actionFor('Ctrl+Shift+Z', {})).toBe('redo');
    expect(actionFor('Ctrl+Z', {})).toBe('undo');
  });

  it('are refused twice, or where they belong to the system', () => {
    expect(refusalOf('brush', 'E', {})).toContain('eraser');
    expect(refusalOf('brush', 'E', { erase: 'K' })).toBeUndefined();
    expect(refusalOf('brush', 'K', { erase: 'K' })).toContain('eraser');
    expect(refusalOf('brush', 'B', {})).toBeUndefined(); // its own
    for (const key of ['Tab', 'Escape', 'F5', 'Ctrl+W', 'Alt+F4']) expect(refusalOf('brush', key, {})).toBeDefined();
  });
});
