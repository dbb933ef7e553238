import { randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { AppError } from '../../contract/errors/app-error.ts';
import { type Desktop, openDesktop } from '../compute/desktop/open-desktop.ts';
import { ownPackage } from '../storage/package-folder.ts';
import { type Access, openAccess } from './access.ts';
import { contentSecurityPolicy, staticFile } from './static-files.ts';

export interface AppServer {
  /** Open this once, in a browser on this machine. */
  readonly address: string;
  close(): Promise<void>;
}

export interface ServeSettings {
  readonly home?: string;
  readonly resources?: string;
  /** 0 takes a free one. */
  readonly port?: number;
}

const callLimitBytes = 1e6;
const voxelLimitBytes = 4e9;

/** The app for a browser on this machine: bound to the loopback address, one token, no other origin. */
export async function serveApp({ port = 0, ...folders }: ServeSettings = {}): Promise<AppServer> {
  const listeners = new Set<ServerResponse>();
  const desktop = await openDesktop({
    ...folders,
    emit: (name, payload) => {
      for (const listener of listeners) listener.write(`data: ${JSON.stringify({ name, payload })}\n\n`);
    },
  });
  let bound = 0;
  const access = openAccess(() => bound);
  const server = createServer((request, response) => {
    answer({ desktop, access, listeners }, request, response).catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else if (error instanceof AppError) send(response, 422, JSON.stringify(error.toWire()), 'application/json');
      else send(response, 500, error instanceof Error ? error.message : String(error));
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  bound = (server.address() as { readonly port: number }).port; // it listens on a port
  return { address: `http://127.0.0.1:${bound}${access.entry}`, close: () => close(server, desktop, listeners) };
}

async function close(server: Server, desktop: Desktop, listeners: ReadonlySet<ServerResponse>): Promise<void> {
  await desktop.close();
  for (const listener of listeners) listener.end();
  server.closeAllConnections();
  await new Promise<void>((resolve) => server.close(() => resolve()));
}

interface House {
  readonly desktop: Desktop;
  readonly access: Access;
  readonly listeners: Set<ServerResponse>;
}

async function answer(
  { desktop, access, listeners }: House,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://127.0.0.1');
  const cookie = access.admit(pathname);
  if (cookie) {
    response.writeHead(303, { 'Set-Cookie': cookie, Location: '/', 'Cache-Control': 'no-store' }).end();
    return;
  }
  const refusal = access.refusal(request);
  if (refusal) return send(response, 403, `Refused: ${refusal}.`);
  const [, room = '', ...rest] = pathname.split('/');
  const path = rest.map(decodeURIComponent).join('/');
  if (request.method === 'POST' && room === 'call') {
    const input: unknown = JSON.parse(new TextDecoder().decode(await bodyOf(request, callLimitBytes)));
    return send(response, 200, JSON.stringify(await desktop.call(path, input)), 'application/json');
  }
  if (request.method === 'POST' && room === 'upload')
    return upload(desktop, {
      request,
      response,
      path: searchParams.get('path') ?? '',
      batch: searchParams.get('batch') ?? '',
    });
  if (request.method === 'PUT' && room === 'volume') {
    await desktop.voxels.write(path, await bodyOf(request, voxelLimitBytes));
    return send(response, 200, '{}', 'application/json');
  }
  if (request.method !== 'GET') return send(response, 405, 'There is nothing to do here.');
  if (room === 'volume') return send(response, 200, await desktop.voxels.read(path), 'application/octet-stream');
  if (room === 'events') {
    response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' }).write(': open\n\n');
    listeners.add(response);
    response.on('close', () => listeners.delete(response));
    return;
  }
  const file = await staticFile(join(ownPackage().folder, 'dist', 'renderer'), pathname);
  if (!file) return send(response, 404, 'There is no such page.');
  send(response, 200, file.bytes, file.type);
}

function send(
  response: ServerResponse,
  status: number,
  body: string | Uint8Array,
  type = 'text/plain; charset=utf-8',
): void {
  response
    .writeHead(status, {
      'Content-Type': type,
      'Content-Security-Policy': contentSecurityPolicy,
      'X-Content-Type-Options': 'nosniff',
      'Referrer-Policy': 'no-referrer',
      'Cache-Control': 'no-store',
    })
    .end(body);
}

/** @throws Error where the body is longer than `limit` */
async function bodyOf(request: IncomingMessage, limit: number): Promise<ArrayBuffer> {
  const declared = Number(request.headers['content-length'] ?? 0);
  if (declared > limit) throw new Error('The body is too long.');
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of request as AsyncIterable<Uint8Array>) {
    length += part.length;
    if (length > limit) throw new Error('The body is too long.');
    parts.push(part);
  }
  const body = new Uint8Array(length);
  let place = 0;
  for (const part of parts) {
    body.set(part, place);
    place += part.length;
  }
  return body.buffer;
}

/** A dropped file: kept in the inbox under its batch, from where the library reads it. A browser gives no paths, only bytes. */
async function upload(
  desktop: Desktop,
  {
    request,
    response,
    path,
    batch,
  }: {
    readonly request: IncomingMessage;
    readonly response: ServerResponse;
    readonly path: string;
    readonly batch: string;
  },
): Promise<void> {
  const parts = path
    .split('/')
    .filter((part) => part !== '' && part !== '.' && part !== '..')
    .map((part) => basename(part));
  if (!/^[0-9a-f]{8,32}$/.test(batch) || parts.length === 0) return send(response, 400, 'The upload has no name.');
  const folder = join(desktop.home, 'inbox', batch, ...parts.slice(0, -1));
  await mkdir(folder, { recursive: true });
  const file = join(folder, parts.at(-1) ?? randomBytes(4).toString('hex'));
  await pipeline(request, createWriteStream(file));
  send(response, 200, JSON.stringify({ path: join(desktop.home, 'inbox', batch, parts[0]!) }), 'application/json');
}
