import { attempt } from '../app-state.svelte.ts';
import { call } from '../connection.ts';
import { type Action, type ChosenKeys, keyFor, shownKey } from './shortcuts.ts';

/** Keys that the person chose, kept in the data folder. */
export const keys = $state({ chosen: {} as ChosenKeys });

export const loadKeys = (): Promise<unknown> =>
  attempt(async () => {
    keys.chosen = (await call('settings/get', {})).keys;
  });

export const saveKeys = (chosen: ChosenKeys): Promise<unknown> =>
  attempt(async () => {
    keys.chosen = (await call('settings/set-keys', { keys: { ...chosen } })).keys;
  });

/** ` (B)`, for a control's name. */
export const hint = (action: Action): string => ` (${shownKey(keyFor(action, keys.chosen))})`;
