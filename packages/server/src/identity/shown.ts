import type { Metadata } from '@grpc/grpc-js';

/** The subject of a client certificate. */
export interface CertificateSubject {
  /** All of it, from the most general part on: `O=lab,CN=ann`. */
  readonly subject: string;
  readonly commonName: string;
  /** Why the certificate is not valid, for example that it comes from another authority; absent = it is valid. */
  readonly fault?: string;
}

/** What a call shows of its caller. */
export interface Shown {
  /** The header or metadata value of a lower-case name; undefined when it is absent. */
  text(name: string): string | undefined;
  /** The bytes of the value of a name that ends in `-bin`. */
  bytes(name: string): Uint8Array | undefined;
  /** The subject of the client certificate of this connection. */
  readonly certificate?: CertificateSubject | undefined;
}

/** What the metadata of a gRPC call shows. */
export class ShownMetadata implements Shown {
  constructor(private readonly metadata: Metadata) {}

  text(name: string): string | undefined {
    const value = this.metadata.get(name)[0];
    return value === undefined ? undefined : String(value);
  }

  bytes(name: string): Uint8Array | undefined {
    const value = this.metadata.get(name)[0];
    return value === undefined ? undefined : Buffer.from(value);
  }
}
