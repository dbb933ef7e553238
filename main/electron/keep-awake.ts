/** The part of Electron's power-save blocker that we use. */
export interface SleepBlocker {
  start(type: 'prevent-app-suspension'): number;
  stop(id: number): void;
}

/** Keeps the machine awake while a job computes, and only then; the screen may sleep. */
export function keepAwake(blocker: SleepBlocker): (isWorking: boolean) => void {
  let id: number | undefined;
  return (isWorking) => {
    if (isWorking) id ??= blocker.start('prevent-app-suspension');
    else if (id !== undefined) {
      blocker.stop(id);
      id = undefined;
    }
  };
}
