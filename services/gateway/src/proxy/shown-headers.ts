import type { IncomingHttpHeaders } from 'node:http2';
import type { CertificateSubject, Shown } from '@berth/server';

/** What the headers of a stream, and the certificate of its connection, show of the caller. */
export class ShownHeaders implements Shown {
  constructor(
    private readonly headers: IncomingHttpHeaders,
    readonly certificate: CertificateSubject | undefined,
  ) {}

  text(name: string): string | undefined {
    const value = this.headers[name];
    return typeof value === 'string' ? value : value?.[0];
  }

  bytes(name: string): Uint8Array | undefined {
    // Several values are one text, with commas between.
    const [first] = this.text(name)?.split(',') ?? [];
    return first === undefined ? undefined : Buffer.from(first, 'base64');
  }
}
