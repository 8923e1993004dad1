import { BerthError } from '@berth/kernel';
import type { Metadata } from '@grpc/grpc-js';

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
 * The caller that metadata `berth-user` (default "anonymous") and `berth-role` (default "operator") name. They are
 * believed: without tokens the server listens on loopback only, or was started with --insecure.
 * Throws INVALID_FIELD for an empty or overlong name and for an unknown role.
 */
export function callerOf(metadata: Metadata): Caller {
  const name = textOf(metadata, 'berth-user') ?? 'anonymous';
  const role = textOf(metadata, 'berth-role') ?? 'operator';
  if (name === '' || name.length > MAX_NAME_CHARS) {
    throw badMetadata('berth-user', `must have 1 to ${String(MAX_NAME_CHARS)} characters, got ${String(name.length)}`);
  }
  if (!isRole(role)) throw badMetadata('berth-role', `must be one of ${ROLES.join(', ')}, got "${role}"`);
  return { name, role };
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
