import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** Who may talk to the server: whoever opened the first address, in that browser, on this machine. */
export interface Access {
  /** Path of the first address; it works once. */
  readonly entry: string;
  /** The cookie to set where `path` is the unused first address. */
  admit(path: string): string | undefined;
  /** Why a request is refused; undefined where it may pass. */
  refusal(request: Pick<IncomingMessage, 'headers' | 'method'>): string | undefined;
}

const cookieName = 'fewscan';
/** Closing the browser must not lock its user out of a training that runs over days; each start of the server has a session of its own. */
const cookieSeconds = 7 * 24 * 3600;
const same = (a: string, b: string): boolean =>
  a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));

/** @param port where the server listens, known once it does */
export function openAccess(port: () => number): Access {
  const token = randomBytes(24).toString('base64url');
  const session = randomBytes(24).toString('base64url');
  const entry = `/enter/${token}`;
  let isUsed = false;
  const hosts = () => [`127.0.0.1:${port()}`, `localhost:${port()}`];
  return {
    entry,
    admit(path) {
      if (isUsed || !same(path, entry)) return undefined;
      isUsed = true;
      return `${cookieName}=${session}; HttpOnly; SameSite=Strict; Path=/; Max-Age=${cookieSeconds}`;
    },
    refusal({ headers }) {
      if (!hosts().includes(headers.host ?? '')) return 'this host is not served'; // a name that points here: DNS rebinding
      const { origin } = headers;
      if (origin !== undefined && !hosts().some((host) => origin === `http://${host}`))
        return 'this origin is not served';
      const found = new RegExp(`(?:^|; )${cookieName}=([\\w-]+)`).exec(headers.cookie ?? '')?.[1] ?? '';
      return same(found, session) ? undefined : 'open the address that Fewscan printed';
    },
  };
}
