import { userInfo } from 'node:os';

/** Who calls. */
export interface Identity {
  user?: string | undefined;
  role?: string | undefined;
  token?: string | undefined;
}

/** A metadata value is text of printable ASCII; one of a key that ends in `-bin` is bytes. */
export type IdentityMetadata = Record<string, string | Uint8Array>;

/** Text that metadata carries unharmed: of printable ASCII, without the space around it that some peers drop. */
const PLAIN = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/;

/**
 * The metadata that tells a server who calls. A name beyond ASCII goes as UTF-8 in `berth-user-bin`, any other as
 * `berth-user`; nothing of a name is ever replaced. Throws a TypeError for what cannot be sent.
 */
export function identityMetadata({ user, role, token }: Identity): IdentityMetadata {
  const metadata: IdentityMetadata = userMetadata(user === undefined || user === '' ? systemUser() : user);
  if (role) metadata['berth-role'] = checked('role', role);
  if (token) metadata['authorization'] = `Bearer ${checked('token', token)}`;
  return metadata;
}

function userMetadata(name: string): IdentityMetadata {
  if (PLAIN.test(name)) return { 'berth-user': name };
  // A lone surrogate has no UTF-8, and U+FFFD stands for something that was lost already, as in a system's Latin-1 name.
  if (/[\p{Cc}\p{Cs}\ufffd]/u.test(name)) {
    throw new TypeError(
      `user ${JSON.stringify(name)} cannot be sent: it has control characters or is not Unicode; give another name (BERTH_USER)`,
    );
  }
  return { 'berth-user-bin': new TextEncoder().encode(name) };
}

function checked(what: string, value: string): string {
  if (PLAIN.test(value)) return value;
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
  return name === undefined || name === '' ? 'anonymous' : name;
}
