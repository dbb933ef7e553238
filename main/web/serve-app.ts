import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream as NodeStream } from 'node:stream/web';
import { knownLabels } from '../../contract/app/voxel-message.ts';
import { openRoutes, type Routes } from '../compute/desktop/routes.ts';
import { type Access, openAccess } from './access.ts';

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

/** The app for a browser on this machine: bound to the loopback address, one token, no other origin. */
export async function serveApp({ port = 0, ...folders }: ServeSettings = {}): Promise<AppServer> {
  const routes = await openRoutes(folders);
  let bound = 0;
  const access = openAccess(() => bound);
  const server = createServer((request, response) => {
    pass({ routes, access }, request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  bound = (server.address() as { readonly port: number }).port; // it listens on a port
  return { address: `http://127.0.0.1:${bound}${access.entry}`, close: () => close(server, routes) };
}

async function close(server: Server, routes: Routes): Promise<void> {
  await routes.close();
  server.closeAllConnections();
  await new Promise<void>((resolve) => server.close(() => resolve()));
}

/** Lets a request in, or not, and hands it on as the web's own kind of request. */
async function pass(
  { routes, access }: { readonly routes: Routes; readonly access: Access },
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://127.0.0.1');
  const cookie = access.admit(url.pathname);
  if (cookie) {
    response.writeHead(303, { 'Set-Cookie': cookie, Location: '/', 'Cache-Control': 'no-store' }).end();
    return;
  }
  const refusal = access.refusal(request);
  if (refusal) {
    response.writeHead(403, { 'Content-Type': 'text/plain; charset=utf-8' }).end(`Refused: ${refusal}.`);
    return;
  }
  const { method = 'GET' } = request;
  const hasBody = method !== 'GET' && method !== 'HEAD';
  const answer = await routes.answer(
    new Request(url, {
      method,
      headers: passedOn(request.headers),
      ...(hasBody ? { body: Readable.toWeb(request) as ReadableStream<Uint8Array>, duplex: 'half' } : {}),
    }),
  );
  response.writeHead(answer.status, Object.fromEntries(answer.headers));
  if (answer.body) await pipeline(Readable.fromWeb(answer.body as NodeStream), response);
  else response.end();
}

/** What the routes read of a request's headers; cookies, for one, they need not see. */
const passedOn = (headers: IncomingHttpHeaders): Record<string, string> =>
  Object.fromEntries(
    ['content-length', knownLabels].flatMap((name) => {
      const value = headers[name];
      return typeof value === 'string' ? [[name, value] as const] : [];
    }),
  );
