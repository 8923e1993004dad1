import type { Metadata, MetadataValue } from '@grpc/grpc-js';
import { http2StreamOf } from '../calls/http2-stream-of.js';
import type { CertificateSubject } from '../tls/peer-certificate.js';
import { peerCertificate } from '../tls/peer-certificate.js';

/** What a call shows of its caller. */
export interface Shown {
  /** The header or metadata value of a lower-case name; undefined when it is absent. */
  text(name: string): string | undefined;
  /** The bytes of the value of a name that ends in `-bin`. */
  bytes(name: string): Uint8Array | undefined;
  /** The subject of the client certificate of this connection. */
  readonly certificate?: CertificateSubject | undefined;
}

/** What a gRPC call shows. */
export class ShownCall implements Shown {
  constructor(private readonly surface: { readonly metadata: Metadata }) {}

  get certificate(): CertificateSubject | undefined {
    const session = http2StreamOf(this.surface)?.session;
    // Of a connection that is gone it cannot be asked; nobody hears the answer.
    return session === undefined || session.destroyed ? undefined : peerCertificate(session.socket);
  }

  text(name: string): string | undefined {
    const value = firstValue(this.surface.metadata, name);
    return value === undefined ? undefined : String(value);
  }

  bytes(name: string): Uint8Array | undefined {
    const value = firstValue(this.surface.metadata, name);
    return value === undefined ? undefined : Buffer.from(value);
  }
}

/**
 * The first value of a lower-case name. Each call is asked for seven of them, most of which are not there, and `get` of grpc-js
 * looks at the letters of each name: it is passed by where its map is in its place.
 */
function firstValue(metadata: Metadata, name: string): MetadataValue | undefined {
  const { internalRepr } = metadata as unknown as { readonly internalRepr?: unknown };
  return internalRepr instanceof Map
    ? (internalRepr as ReadonlyMap<string, readonly MetadataValue[]>).get(name)?.[0]
    : metadata.get(name)[0];
}
