/** `npm start`: the app in a browser on this machine. */
import { serveApp } from './serve-app.ts';

const port = Number(process.env['FEWSCAN_PORT'] ?? 0);
const server = await serveApp({ port });
process.stdout.write(`Fewscan is at ${server.address}\nThe address works once; Ctrl-C ends it.\n`);
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.on(signal, () => void server.close().then(() => process.exit(0)));
