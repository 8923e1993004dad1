import { userInfo } from 'node:os';
import { checkedToken } from './token-source.js';

/** Who calls. */
export interface Identity {
  user?: string | undefined;
  role?: string | undefined;
  /** The team of the caller, as a service tells it for whom it calls. */
  team?: string | undefined;
  token?: string | undefined;
  /** True when something else says who calls: a certificate, or a token that comes later. */
  shown?: boolean | undefined;
}

/** A metadata value is text of printable ASCII; one of a key that ends in `-bin` is bytes. */
export type IdentityMetadata = Record<string, string | Uint8Array>;

/** Text that metadata carries unharmed: of printable ASCII, without the space around it that some peers drop. */
const PLAIN = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/;

/**
 * The metadata that tells a server who calls. A name beyond ASCII goes as UTF-8 in `berth-user-bin`, any other as
 * `berth-user`, and so goes a team; nothing of a name is ever replaced. Without a name it is the system's user, unless a token or a certificate
 * says who calls: a server refuses those that give another name, except from services. Throws a TypeError for what cannot be
 * sent.
 */
export function identityMetadata({ user = '', role, team, token = '', shown = false }: Identity): IdentityMetadata {
  const isShown = token !== '' || shown;
  const name = user === '' && !isShown ? systemUser() : user;
  const metadata: IdentityMetadata = name === '' ? {} : nameMetadata('user', name);
  if (role) metadata['berth-role'] = checkedRole(role);
  if (team) Object.assign(metadata, nameMetadata('team', team));
  if (token !== '') metadata['authorization'] = `Bearer ${checkedToken(token)}`;
  return metadata;
}

function nameMetadata(what: 'user' | 'team', name: string): IdentityMetadata {
  if (PLAIN.test(name)) return { [`berth-${what}`]: name };
  // A lone surrogate has no UTF-8, and U+FFFD stands for something that was lost already, as in a system's Latin-1 name.
  if (/[\p{Cc}\p{Cs}\ufffd]/u.test(name)) {
    throw new TypeError(
      `${what} ${JSON.stringify(name)} cannot be sent: it has control characters or is not Unicode; give another name${what === 'user' ? ' (BERTH_USER)' : ''}`,
    );
  }
  return { [`berth-${what}-bin`]: new TextEncoder().encode(name) };
}

function checkedRole(role: string): string {
  if (PLAIN.test(role)) return role;
  throw new TypeError(`role ${JSON.stringify(role)} cannot be sent: use printable ASCII characters only`);
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
