import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Role } from '@berth/server';
import { newToken } from '@berth/server';
import type { IssuedCertificate, TestAuthority } from '@berth/testkit';
import { makeAuthority, tempFolder } from '@berth/testkit';
import type { ExecutionContext } from 'ava';

/** Callers, by name, and their roles. */
export const CALLERS: Readonly<Record<string, Role>> = {
  ann: 'user',
  bob: 'user',
  guest: 'viewer',
  op: 'operator',
  root: 'admin',
};
/** The processes: they say for whom they call. */
const SERVICES = ['gateway', 'roles'];

/** Certificates and tokens of a cluster, as its processes and callers are given them. */
export interface ClusterCredentials {
  readonly authority: TestAuthority;
  readonly certificate: IssuedCertificate;
  /** The file with the token of a caller or a service. */
  tokenFile(name: string): string;
  /** The token of a caller or a service. */
  token(name: string): string;
  /** Settings of a process: its certificate, the tokens of callers, and its own token as one of the services. */
  settings(service: string): Readonly<Record<string, unknown>>;
}

/** Makes them; their files go when the test ends. */
export function makeClusterCredentials(t: ExecutionContext): ClusterCredentials {
  const folder = tempFolder(t, 'berth-cluster-');
  const authority = makeAuthority(t);
  const certificate = authority.issue('berth');
  const tokens = new Map<string, string>();
  const lines: string[] = [];
  for (const [name, role] of [...Object.entries(CALLERS), ...SERVICES.map((name) => [name, 'admin'] as const)]) {
    const { token, line } = newToken({ name, role });
    tokens.set(name, token);
    lines.push(line);
    writeFileSync(join(folder, `${name}.token`), `${token}\n`, { mode: 0o600 });
  }
  const file = join(folder, 'tokens.yaml');
  writeFileSync(file, `${lines.join('\n')}\n`);
  return {
    authority,
    certificate,
    tokenFile: (name) => join(folder, `${name}.token`),
    token: (name) => {
      const token = tokens.get(name);
      if (token === undefined) throw new Error(`${name} has no token`);
      return token;
    },
    settings: (service) => ({
      auth: { tokens: file, services: SERVICES, ownTokenFile: join(folder, `${service}.token`) },
      tls: { cert: certificate.certFile, key: certificate.keyFile, ca: authority.caFile },
    }),
  };
}
