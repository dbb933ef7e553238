import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { environment } from './run-fewscan.ts';

export interface StartedApp {
  /** Works once. */
  readonly address: string;
  readonly pid: number;
  /** Asks it to end, and waits. */
  end(signal?: NodeJS.Signals): Promise<void>;
}

const compiled = fileURLToPath(new URL('../dist/main/web/start.js', import.meta.url));

export interface StartSettings {
  /** The compiled `main/web/start.js` of another copy of the app. */
  readonly entry?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** The app's server as users start it, compiled, in a process of its own. */
export function startApp(home: string, { entry = compiled, env = {} }: StartSettings = {}): Promise<StartedApp> {
  const child = spawn(process.execPath, [entry], {
    env: { ...environment(home), ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  return new Promise((resolve, reject) => {
    child.once('exit', () => reject(new Error('the server ended before it gave its address')));
    let said = '';
    child.stdout.on('data', (part: Buffer) => {
      said += part.toString();
      const [address] = /http:\/\/\S+/.exec(said) ?? [];
      if (address)
        resolve({
          address,
          pid: child.pid!,
          end: (signal = 'SIGTERM') => {
            child.kill(signal);
            return ended;
          },
        });
    });
  });
}
