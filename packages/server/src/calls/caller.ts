import { BerthError } from '@berth/kernel';
import type { Metadata, MetadataValue } from '@grpc/grpc-js';

const ROLES = ['viewer', 'user', 'operator', 'admin'] as const;

/** What a caller may do; each role includes those before it. */
export type Role = (typeof ROLES)[number];

/** Who calls. */
export interface Caller {
  readonly name: string;
  readonly role: Role;
}

const MAX_NAME_CHARS = 128;

/**
 * The caller that metadata `berth-user` (default "anonymous") and `berth-role` (default "operator") name; a name beyond
 * ASCII comes as UTF-8 in `berth-user-bin`. They are believed: without tokens the server listens on loopback only, or was
 * started with --insecure. Throws INVALID_FIELD for a name that is empty, too long or not plain text, for two names, and
 * for an unknown role. Nothing of a name is replaced: two names are two callers.
 */
export function callerOf(metadata: Metadata): Caller {
  const name = userOf(metadata);
  const role = textOf(metadata, 'berth-role') ?? 'operator';
  if (!isRole(role)) throw badMetadata('berth-role', `must be one of ${ROLES.join(', ')}, got "${role}"`);
  return { name, role };
}

function userOf(metadata: Metadata): string {
  const text = textOf(metadata, 'berth-user');
  const bytes = metadata.get('berth-user-bin')[0];
  if (bytes === undefined && text !== undefined && !/^[\x20-\x7e]*$/.test(text)) {
    throw badMetadata('berth-user', 'must be printable ASCII; send other names as UTF-8 in berth-user-bin');
  }
  const key = bytes === undefined ? 'berth-user' : 'berth-user-bin';
  const name = bytes === undefined ? (text ?? 'anonymous') : utf8Of(key, bytes);
  if (text !== undefined && text !== name) throw badMetadata(key, `says another name than berth-user "${text}"`);
  // No name has more characters than code units: those of nearly all are not counted one by one.
  const chars = name.length <= MAX_NAME_CHARS ? name.length : Array.from(name).length;
  if (chars === 0 || chars > MAX_NAME_CHARS) {
    throw badMetadata(key, `must have 1 to ${String(MAX_NAME_CHARS)} characters, got ${String(chars)}`);
  }
  if (/\p{Cc}/u.test(name)) throw badMetadata(key, 'must have no control characters');
  return name;
}

function utf8Of(key: string, bytes: MetadataValue): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(bytes));
  } catch {
    throw badMetadata(key, 'must be UTF-8');
  }
}

function textOf(metadata: Metadata, key: string): string | undefined {
  const value = metadata.get(key)[0];
  return value === undefined ? undefined : String(value);
}

function isRole(text: string): text is Role {
  return (ROLES as readonly string[]).includes(text);
}

function badMetadata(key: string, fault: string): BerthError {
  const field = `metadata.${key}`;
  return new BerthError('INVALID_FIELD', `metadata ${key} ${fault}`, { fields: [{ field, description: fault }] });
}
