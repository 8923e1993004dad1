import type { CertificateSubject } from '../tls/peer-certificate.js';
import { normalSubject } from '../tls/peer-certificate.js';
import type { CertificateRow } from './auth-config.js';
import type { Credential } from './credential.js';
import { badCredentials } from './refused-caller.js';

/** Whose client certificates are. */
export class CertificateTable {
  readonly #bySubject = new Map<string, Credential>();
  readonly #byCommonName = new Map<string, Credential>();

  /** `services` are names in the table that say for whom they call. */
  constructor(rows: readonly CertificateRow[], services: ReadonlySet<string>) {
    for (const { subject, commonName, name, role, team } of rows) {
      const caller = { name, role, via: 'certificate', ...(team !== undefined && { team }) } as const;
      const credential = { caller, isService: services.has(name) };
      if (subject !== undefined) this.#bySubject.set(normalSubject(subject), credential);
      if (commonName !== undefined) this.#byCommonName.set(commonName, credential);
    }
  }

  /** What a certificate stands for; a row for its whole subject goes first. Throws BAD_CREDENTIALS. */
  find({ subject, commonName, fault }: CertificateSubject): Credential {
    if (fault !== undefined) throw badCredentials(`the certificate of ${subject} is not valid: ${fault}`);
    const found = this.#bySubject.get(subject) ?? this.#byCommonName.get(commonName);
    if (found === undefined) throw badCredentials(`auth.certificates has no row for ${subject}`);
    return found;
  }
}
