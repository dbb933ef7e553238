import { type EventName, type EventPayload, events } from '../contract/app/calls.ts';
import { connect } from '../contract/app/connection.ts';
import {
  decodeVoxels,
  encodeVoxels,
  knownLabels,
  type VoxelArray,
  type VoxelHeader,
} from '../contract/app/voxel-message.ts';
import { AppError, type WireError } from '../contract/errors/app-error.ts';

/** The desktop shell puts this into the window; a browser has none. */
export interface DesktopBridge {
  /** Path of a dropped file on this machine. */
  pathOf(file: File): string;
  chooseScans(): Promise<readonly string[]>;
  onMenu(listener: (wish: string) => void): void;
  onOpenFiles(listener: (paths: readonly string[]) => void): void;
  setUnsaved(isUnsaved: boolean): void;
}
declare global {
  interface Window {
    readonly fewscan?: DesktopBridge;
  }
}

export const bridge = window.fewscan;

/** Typed calls to the main process. */
export const call = connect(async (name, input) => {
  const reply = await fetch(`/call/${name}`, { method: 'POST', body: JSON.stringify(input) });
  if (reply.status === 200) return reply.json();
  throw new Error(await reply.text());
});

type Listeners = { readonly [Name in EventName]?: (payload: EventPayload<Name>) => void };

/** Hears what the main process tells; malformed events are dropped. `onBack` runs when a lost connection is there again. */
export function listen(listeners: Listeners, onBack: () => void): void {
  const hear = (name: string, payload: unknown): void => {
    if (!Object.hasOwn(events, name)) return;
    const known = name as EventName; // just checked
    const parsed = events[known].safeParse(payload);
    if (parsed.success) (listeners[known] as ((payload: unknown) => void) | undefined)?.(parsed.data);
  };
  const source = new EventSource(`/events`);
  let wasLost = false;
  source.onerror = () => {
    wasLost = true;
  };
  source.onopen = () => {
    if (wasLost) onBack();
    wasLost = false;
  };
  source.onmessage = ({ data }: MessageEvent<string>) => {
    const { name, payload } = JSON.parse(data) as { name: string; payload: unknown };
    hear(name, payload);
  };
}

export interface Voxels {
  readonly header: VoxelHeader;
  readonly voxels: VoxelArray;
}

const addressOf = (path: string): string => `/volume/${path}`;

/** Address of a scan's small picture. */
export const thumbnailOf = (scan: string): string => `/thumbnail/${scan}`;

/** Address of the picture of a held-out scan at a step of a training. */
export const pictureOf = (job: string, step: number): string => `/picture/${job}/${step}`;

/** Address of a file to keep: see main/compute/desktop/downloads.ts. */
const downloadOf = (path: string): string => `/download/${path}`;

/** Voxels by path: see main/compute/desktop/voxel-routes.ts. */
export async function readVoxels(path: string): Promise<Voxels> {
  const reply = await fetch(`${addressOf(path)}`);
  await refuse(reply);
  try {
    return decodeVoxels(await reply.arrayBuffer());
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause); // the file was damaged on its way or on disk
    throw new AppError('library/unreadable-voxels', { reason });
  }
}

/** Saves labels that were drawn on those of the hash `known` ('' for none); gives their own. @throws AppError `library/labels-changed` */
export async function saveLabels(scan: string, { header, voxels }: Voxels, known: string): Promise<string> {
  const body = encodeVoxels(header, voxels);
  const headers = { [knownLabels]: known };
  const keepalive = body.length < 60_000;
  const reply = await fetch(`${addressOf(`${scan}/labels`)}`, { method: 'PUT', body, headers, keepalive });
  await refuse(reply);
  return ((await reply.json()) as { sha256: string }).sha256;
}

/** Brings a file to keep (see `downloadOf`) and hands it to the browser under a name. */
export async function keepFile(path: string, name: string): Promise<void> {
  const reply = await fetch(`${downloadOf(path)}`);
  await refuse(reply);
  const link = document.createElement('a');
  link.href = URL.createObjectURL(await reply.blob());
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

async function refuse(reply: Response): Promise<void> {
  if (reply.ok) return;
  const text = await reply.text();
  if (reply.status === 422) throw AppError.fromWire(JSON.parse(text) as WireError);
  throw new Error(text);
}

export interface DroppedFile {
  /** Relative to what was dropped, `/` between folders. */
  readonly path: string;
  readonly file: File;
}

/** Paths on this machine of dropped or chosen files; a browser has to send them to its server first. */
export async function pathsOf(files: readonly DroppedFile[], onSent: (sent: number) => void): Promise<string[]> {
  if (bridge) return [...new Set(files.map(({ file }) => bridge.pathOf(file)))];
  const batch = Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('');
  const paths = new Set<string>();
  for (const [sent, { path, file }] of files.entries()) {
    onSent(sent);
    const reply = await fetch(`/upload?batch=${batch}&path=${encodeURIComponent(path)}`, {
      method: 'POST',
      body: file,
    });
    await refuse(reply);
    paths.add(((await reply.json()) as { path: string }).path);
  }
  return [...paths];
}

/** Asks for scans with the system's own dialog; undefined where there is none, as in a browser. */
export const chooseScans = bridge ? () => bridge.chooseScans() : undefined;
