import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream as NodeStream } from 'node:stream/web';
import type { EventName, EventPayload } from '../../../contract/app/calls.ts';
import { knownLabels } from '../../../contract/app/voxel-message.ts';
import { AppError } from '../../../contract/errors/app-error.ts';
import { ownPackage } from '../../storage/package-folder.ts';
import { inputFolder } from './job-inputs.ts';
import { type Desktop, type DesktopSettings, openDesktop } from './open-desktop.ts';
import { contentSecurityPolicy, staticFile } from './static-files.ts';

/** The app as addresses, the same behind a browser's server and behind Electron's own scheme. Whoever calls has checked who asks. */
export interface Routes {
  /** Never throws. */
  answer(request: Request): Promise<Response>;
  close(): Promise<void>;
}

const callLimitBytes = 1e6;
const voxelLimitBytes = 4e9;

export async function openRoutes(folders: Omit<DesktopSettings, 'emit'> = {}): Promise<Routes> {
  const listeners = new Set<ReadableStreamDefaultController<Uint8Array>>();
  const emit = <Name extends EventName>(name: Name, payload: EventPayload<Name>): void => {
    const event = new TextEncoder().encode(`data: ${JSON.stringify({ name, payload })}\n\n`);
    for (const listener of listeners) listener.enqueue(event);
  };
  const desktop = await openDesktop({ ...folders, emit });
  return {
    answer: (request) => route(desktop, listeners, request).catch(failure),
    close: async () => {
      await desktop.close();
      for (const listener of listeners) listener.close();
      listeners.clear();
    },
  };
}

const failure = (error: unknown): Response =>
  error instanceof AppError
    ? reply(422, JSON.stringify(error.toWire()), 'application/json')
    : reply(500, error instanceof Error ? error.message : String(error));

async function route(
  desktop: Desktop,
  listeners: Set<ReadableStreamDefaultController<Uint8Array>>,
  request: Request,
): Promise<Response> {
  const { pathname, searchParams } = new URL(request.url);
  const [, room = '', ...rest] = pathname.split('/');
  const path = rest.map(decodeURIComponent).join('/');
  switch (`${request.method} ${room}`) {
    case 'POST call': {
      const input: unknown = JSON.parse(new TextDecoder().decode(await bodyOf(request, callLimitBytes)));
      return reply(200, JSON.stringify(await desktop.call(path, input)), 'application/json');
    }
    case 'POST upload':
      return upload(desktop.home, request, searchParams);
    case 'PUT volume': {
      const known = request.headers.get(knownLabels) ?? undefined;
      const sha256 = await desktop.voxels.write(path, await bodyOf(request, voxelLimitBytes), known);
      return reply(200, JSON.stringify({ sha256 }), 'application/json');
    }
    case 'GET volume': {
      const { byteLength, pieces } = await desktop.voxels.read(path);
      const length = { 'Content-Length': String(byteLength) };
      return reply(200, streamOf(pieces), 'application/octet-stream', length);
    }
    case 'GET thumbnail':
      return reply(200, await desktop.thumbnail(path), 'image/png');
    case 'GET picture':
      return reply(200, await desktop.picture(path), 'image/png');
    case 'GET download': {
      const { bytes, type, name } = await desktop.download(path);
      return reply(200, bytes, type, {
        'Content-Disposition': `attachment; filename*=UTF-8''${encodeURIComponent(name)}`,
      });
    }
    case 'GET events':
      return reply(200, eventStream(listeners), 'text/event-stream');
  }
  if (request.method !== 'GET') return reply(405, 'There is nothing to do here.');
  const file = await staticFile(join(ownPackage().folder, 'dist', 'renderer'), pathname);
  return file ? reply(200, file.bytes, file.type) : reply(404, 'There is no such page.');
}

function eventStream(listeners: Set<ReadableStreamDefaultController<Uint8Array>>): ReadableStream<Uint8Array> {
  let own: ReadableStreamDefaultController<Uint8Array>;
  return new ReadableStream({
    start(controller) {
      own = controller;
      listeners.add(own);
      own.enqueue(new TextEncoder().encode(': open\n\n'));
    },
    cancel() {
      listeners.delete(own);
    },
  });
}

const streamOf = (pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): ReadableStream<Uint8Array> =>
  Readable.toWeb(Readable.from(pieces)) as ReadableStream<Uint8Array>; // Node's type of the web's own

const reply = (
  status: number,
  body: string | Uint8Array | ReadableStream<Uint8Array>,
  type = 'text/plain; charset=utf-8',
  more: Readonly<Record<string, string>> = {},
): Response =>
  new Response(body as ReadableStream<Uint8Array>, {
    // any of the three: the types of Node and of the web differ
    status,
    headers: {
      'Content-Type': type,
      'Content-Security-Policy': contentSecurityPolicy,
      'X-Content-Type-Options': 'nosniff',
      'Referrer-Policy': 'no-referrer',
      'Cache-Control': 'no-store',
      ...more,
    },
  });

/** @throws Error where the body is longer than `limit` */
async function bodyOf(request: Request, limit: number): Promise<ArrayBuffer> {
  if (Number(request.headers.get('content-length') ?? 0) > limit) throw new Error('The body is too long.');
  const body = await request.arrayBuffer();
  if (body.byteLength > limit) throw new Error('The body is too long.');
  return body;
}

/** A dropped file: in the inbox under its batch until the library has read it. A browser gives no paths, only bytes. */
async function upload(home: string, request: Request, query: URLSearchParams): Promise<Response> {
  const batch = query.get('batch') ?? '';
  const parts = (query.get('path') ?? '')
    .split('/')
    .filter((part) => part !== '' && part !== '.' && part !== '..')
    .map((part) => basename(part));
  const [top] = parts;
  if (!/^[0-9a-f]{8,32}$/.test(batch) || top === undefined || !request.body)
    return reply(400, 'The upload has no name.');
  const inbox = inputFolder(home, 'inbox', batch);
  const folder = join(inbox, ...parts.slice(0, -1));
  await mkdir(folder, { recursive: true });
  await pipeline(Readable.fromWeb(request.body as NodeStream), createWriteStream(join(folder, parts.at(-1)!)));
  return reply(200, JSON.stringify({ path: join(inbox, top) }), 'application/json');
}
