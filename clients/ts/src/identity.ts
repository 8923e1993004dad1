import { userInfo } from 'node:os';

/** Who calls. */
export interface Identity {
  user?: string | undefined;
  role?: string | undefined;
  token?: string | undefined;
}

/** The metadata that tells a server who calls. Throws a TypeError for what metadata cannot carry. */
export function identityMetadata({ user, role, token }: Identity): Record<string, string> {
  const metadata: Record<string, string> = { 'berth-user': user ? checked('user', user) : systemUser() };
  if (role) metadata['berth-role'] = checked('role', role);
  if (token) metadata['authorization'] = `Bearer ${checked('token', token)}`;
  return metadata;
}

function checked(what: string, value: string): string {
  if (/^[\x20-\x7e]+$/.test(value)) return value;
  throw new TypeError(`${what} ${JSON.stringify(value)} cannot be sent: use printable ASCII characters only`);
}

/** The operating system's name of the user; "anonymous" where there is none (a container's bare user id). */
function systemUser(): string {
  let name: string | undefined;
  try {
    name = userInfo().username;
  } catch {
    name = process.env['USER'];
  }
  return name ? name.replace(/[^\x20-\x7e]/g, '?') : 'anonymous';
}
