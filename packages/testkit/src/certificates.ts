// Certificates for tests of TLS, made by the openssl program within milliseconds.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram } from './find-program.js';
import { tempFolder } from './temp-folder.js';

/** The part of ava's `t` that is needed here. */
interface Ending {
  readonly teardown: (work: () => void) => void;
}

/** A certificate and its key, as files and as PEM. */
export interface IssuedCertificate {
  readonly certFile: string;
  readonly keyFile: string;
  readonly cert: Buffer;
  readonly key: Buffer;
}

/** What is said in a certificate. */
export interface CertificateContent {
  /** The subject, as openssl writes it; default `/CN=<name>`. */
  readonly subject?: string;
  /** What a server is reached by; default the IP addresses of loopback and `localhost`. */
  readonly alternativeNames?: string;
  /** How long it is valid; 0 = it has ended already. Default 1. */
  readonly days?: number;
}

/** An authority that exists for one test. */
export interface TestAuthority {
  readonly caFile: string;
  readonly ca: Buffer;
  /** Makes a certificate for servers and clients with this common name. */
  issue(name: string, content?: CertificateContent): IssuedCertificate;
}

const CURVE = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
const LOOPBACK = 'IP:127.0.0.1,IP:::1,DNS:localhost';

/** A new authority; its files go when the test ends. */
export function makeAuthority(t: Ending, name = 'test authority'): TestAuthority {
  const folder = tempFolder(t, 'berth-ca-');
  const caFile = join(folder, 'ca.pem');
  const caKey = join(folder, 'ca.key');
  openssl('req', '-x509', ...CURVE, '-days', '1', '-subj', `/CN=${name}`, '-keyout', caKey, '-out', caFile);
  let issued = 0;
  return {
    caFile,
    ca: readFileSync(caFile),
    issue(commonName, { subject = `/CN=${commonName}`, alternativeNames = LOOPBACK, days = 1 } = {}) {
      issued += 1;
      const base = join(folder, String(issued));
      const [certFile, keyFile, request, extensions] = ['.pem', '.key', '.csr', '.ext'].map((end) => base + end) as [
        string,
        string,
        string,
        string,
      ];
      writeFileSync(extensions, `subjectAltName=${alternativeNames}\nextendedKeyUsage=serverAuth,clientAuth\n`);
      openssl('req', '-new', ...CURVE, '-subj', subject, '-keyout', keyFile, '-out', request);
      const serial = ['-set_serial', String(issued + 1), '-days', String(days)];
      const signed = ['-CA', caFile, '-CAkey', caKey, '-extfile', extensions, '-in', request, '-out', certFile];
      openssl('x509', '-req', ...serial, ...signed);
      return { certFile, keyFile, cert: readFileSync(certFile), key: readFileSync(keyFile) };
    },
  };
}

function openssl(...args: string[]): void {
  const program = findProgram('openssl');
  if (program === undefined) throw new Error('openssl is not on this machine: certificates for tests are made with it');
  execFileSync(program, args, { stdio: 'pipe' });
}
