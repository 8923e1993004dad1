import type { IncomingMessage } from 'node:http';
import type { Shown } from '../identity/shown.js';
import type { CertificateSubject } from '../tls/peer-certificate.js';
import { peerCertificate } from '../tls/peer-certificate.js';

/**
 * What an HTTP request shows of its caller. Basic's password is a token, since browsers and older clients send nothing else;
 * in open mode Basic's user is the name of the caller.
 */
export class ShownRequest implements Shown {
  #basic: BasicCredentials | undefined;
  #isRead = false;

  constructor(
    private readonly request: IncomingMessage,
    private readonly open: boolean,
  ) {}

  get certificate(): CertificateSubject | undefined {
    return peerCertificate(this.request.socket);
  }

  text(name: string): string | undefined {
    if (name === 'authorization') {
      const basic = this.#basicOnce();
      if (basic === undefined) return this.request.headers.authorization;
      return basic.password === '' ? undefined : `Bearer ${basic.password}`;
    }
    const value = this.request.headers[name];
    if (value !== undefined) return Array.isArray(value) ? value[0] : value;
    return name === 'berth-user' ? this.#basicUser(true) : undefined;
  }

  bytes(name: string): Uint8Array | undefined {
    const value = this.request.headers[name];
    if (typeof value === 'string') return Buffer.from(value, 'base64');
    const user = name === 'berth-user-bin' ? this.#basicUser(false) : undefined;
    return user === undefined ? undefined : Buffer.from(user);
  }

  /** Basic's user when it is believed and its letters are all ASCII, or are not. */
  #basicUser(ascii: boolean): string | undefined {
    if (!this.open) return undefined;
    const { user = '' } = this.#basicOnce() ?? {};
    return user !== '' && /^[\x20-\x7e]*$/.test(user) === ascii ? user : undefined;
  }

  #basicOnce(): BasicCredentials | undefined {
    if (!this.#isRead) {
      this.#isRead = true;
      this.#basic = basicOf(this.request.headers.authorization);
    }
    return this.#basic;
  }
}

interface BasicCredentials {
  readonly user: string;
  readonly password: string;
}

function basicOf(header: string | undefined): BasicCredentials | undefined {
  const [, encoded] = /^basic +([\w+/=-]+) *$/i.exec(header ?? '') ?? [];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, 'base64').toString();
  const colon = text.indexOf(':');
  return colon < 0 ? { user: text, password: '' } : { user: text.slice(0, colon), password: text.slice(colon + 1) };
}
