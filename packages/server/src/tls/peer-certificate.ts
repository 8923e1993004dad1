import type { PeerCertificate, TLSSocket } from 'node:tls';

/** The subject of a client certificate. */
export interface CertificateSubject {
  /** All of it, from the most general part on: `O=lab,CN=ann`. */
  readonly subject: string;
  readonly commonName: string;
  /** Why the certificate is not valid, for example that it comes from another authority; absent = it is valid. */
  readonly fault?: string;
}

/** A connection that may be one of TLS; a socket of Node.js, or that of an HTTP/2 session. */
type Connection = Partial<Pick<TLSSocket, 'authorized' | 'authorizationError' | 'getPeerCertificate'>>;

const SUBJECTS = new WeakMap<object, CertificateSubject | 'none'>();

/**
 * The subject of the certificate that the client of a connection showed; undefined when it showed none, and on a connection
 * without TLS. Found once for each `connection`.
 */
export function peerCertificate(connection: object): CertificateSubject | undefined {
  const socket = connection as Connection;
  // A socket without TLS does not have it.
  if (socket.getPeerCertificate === undefined) return undefined;
  let found = SUBJECTS.get(connection);
  if (found === undefined) {
    found = subjectOf(socket.getPeerCertificate(), socket) ?? 'none';
    SUBJECTS.set(connection, found);
  }
  return found === 'none' ? undefined : found;
}

/** A subject as tables have it: the parts without the spaces that openssl prints around `=` and after `,`. */
export function normalSubject(text: string): string {
  return text
    .split(/(?<!\\), */)
    .map((part) => part.replace(/^ *([^=]*?) *= */, '$1='))
    .join(',');
}

function subjectOf(certificate: Partial<PeerCertificate>, connection: Connection): CertificateSubject | undefined {
  const { subject } = certificate;
  if (subject === undefined) return undefined;
  const parts = Object.entries(subject as unknown as Record<string, string | readonly string[]>).flatMap(
    ([key, value]) => [value].flat().map((each) => `${key}=${each.replaceAll(',', String.raw`\,`)}`),
  );
  const commonName = [subject.CN as string | string[] | undefined].flat().at(-1) ?? '';
  if (connection.authorized === true) return { subject: parts.join(','), commonName };
  return { subject: parts.join(','), commonName, fault: String(connection.authorizationError) };
}
