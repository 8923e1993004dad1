import { ServerCredentials } from '@grpc/grpc-js';
import type { ServerTls } from './server-tls.js';

/** Credentials of a gRPC server that take each change of the certificate files. */
export class TlsServerCredentials extends ServerCredentials {
  constructor(tls: ServerTls) {
    super(tls.handshake, tls.certificates);
    tls.onChange((certificates) => {
      this.updateSecureContextOptions({ ...certificates, minVersion: 'TLSv1.2' });
    });
  }

  _equals(other: ServerCredentials): boolean {
    return other === this;
  }
}
