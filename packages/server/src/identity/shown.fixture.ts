// What a call shows, made up for the tests of this folder.
import type { CertificateSubject } from '../tls/peer-certificate.js';
import type { Shown } from './shown.js';

/** A call with this metadata and, if given, this certificate. */
export function shown(values: Readonly<Record<string, string>>, certificate?: CertificateSubject): Shown {
  return { text: (name) => values[name], bytes: () => undefined, certificate };
}

/** A call that shows a token. */
export function bearer(token: string, more: Readonly<Record<string, string>> = {}): Shown {
  return shown({ authorization: `Bearer ${token}`, ...more });
}
