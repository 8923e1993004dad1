import type { IncomingHttpHeaders } from 'node:http';
import { isIP } from 'node:net';
import { hostname } from 'node:os';
import { BerthError } from '@berth/kernel';

/**
 * Keeps web pages of other sites from commanding a lab through the browser of somebody who reaches it. A page can make a name
 * of its own point here, but neither a loopback name, nor an IP address, nor the name of this machine.
 */
export class SameSite {
  readonly #names: ReadonlySet<string>;

  /** `hosts` are further names under which this server is reached. */
  constructor(private readonly hosts: readonly string[]) {
    const own = hostname().toLowerCase();
    this.#names = new Set(['localhost', own, own.split('.')[0] ?? own, ...hosts.map((name) => name.toLowerCase())]);
  }

  /** Throws FOREIGN_HOST for a `Host` that a page of another site may have made point here. */
  requireHost({ host }: IncomingHttpHeaders): void {
    // Only what is older than HTTP/1.1 sends none, and no browser.
    if (host === undefined) return;
    const name = nameOf(host);
    if (name !== undefined && (isIP(name) !== 0 || this.#names.has(name))) return;
    throw new BerthError(
      'FOREIGN_HOST',
      `this server does not answer to the name "${host}": without auth it answers to localhost, IP addresses, the name of its ` +
        'machine and the names in http.hosts only, so that no web page reaches it under a name of its own. Use one of these, or add this one to http.hosts.',
      { metadata: { host: host.slice(0, 255) } },
    );
  }

  /** Throws FOREIGN_ORIGIN for a request that a page of another origin makes. */
  requireOrigin(method: string, headers: IncomingHttpHeaders): void {
    const { origin, host = '' } = headers;
    if (origin !== undefined && !this.#isOwn(origin, host)) throw foreignOrigin(origin);
    const site = headers['sec-fetch-site'];
    if (site === undefined || site === 'same-origin' || site === 'none') return;
    // A link to here may be followed. What loads or sends in the background may not.
    if (origin === undefined && !(method === 'GET' && headers['sec-fetch-mode'] === 'navigate')) {
      throw foreignOrigin('another site');
    }
  }

  #isOwn(origin: string, host: string): boolean {
    const from = URL.canParse(origin) ? new URL(origin) : undefined;
    if (from === undefined || from.host === '') return false;
    const here = `${from.protocol}//${host}`;
    if (URL.canParse(here) && new URL(here).host === from.host) return true;
    // Behind a proxy that tells another Host.
    return this.hosts.some((name) => name.toLowerCase() === from.hostname);
  }
}

/** The name in a Host header, in lower case, without port, brackets and the dot at its end. */
function nameOf(host: string): string | undefined {
  const [, bracketed, plain] = /^(?:\[([^\]]*)\]|([^:]*))(?::\d*)?$/.exec(host) ?? [];
  return (bracketed ?? plain)?.toLowerCase().replace(/\.$/, '');
}

function foreignOrigin(origin: string): BerthError {
  return new BerthError(
    'FOREIGN_ORIGIN',
    `a web page of ${origin.slice(0, 255)} may not use this server: only pages that it serves itself may. ` +
      'Behind a proxy that changes the Host header, name the outer host in http.hosts.',
    { metadata: { origin: origin.slice(0, 255) } },
  );
}
