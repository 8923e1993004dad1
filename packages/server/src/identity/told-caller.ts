import { BerthError } from '@berth/kernel';
import type { Role } from './role.js';
import { isRole, ROLES } from './role.js';
import type { Shown } from './shown.js';

const MAX_NAME_CHARS = 128;
const MAX_BENCHES = 1000;

/**
 * The name that metadata `berth-user` tells; one beyond ASCII comes as UTF-8 in `berth-user-bin`. Undefined when neither is
 * there. Throws INVALID_FIELD for a name that is empty, too long or not plain text, and for two names. Nothing of a name is
 * replaced: two names are two callers.
 */
export function toldName(shown: Shown): string | undefined {
  const text = shown.text('berth-user');
  const bytes = shown.bytes('berth-user-bin');
  if (bytes === undefined) {
    if (text !== undefined && !/^[\x20-\x7e]*$/.test(text)) {
      throw badMetadata('berth-user', 'must be printable ASCII; send other names as UTF-8 in berth-user-bin');
    }
    return text === undefined ? undefined : checkedName('berth-user', text);
  }
  const name = utf8Of('berth-user-bin', bytes);
  if (text !== undefined && text !== name)
    throw badMetadata('berth-user-bin', `says another name than berth-user "${text}"`);
  return checkedName('berth-user-bin', name);
}

/** The role that metadata `berth-role` tells; undefined when it is not there. Throws INVALID_FIELD for an unknown one. */
export function toldRole(shown: Shown): Role | undefined {
  const role = shown.text('berth-role');
  if (role === undefined || isRole(role)) return role;
  throw badMetadata('berth-role', `must be one of ${ROLES.join(', ')}, got "${role}"`);
}

/** The team that metadata `berth-team` (or, as UTF-8, `berth-team-bin`) tells. Throws INVALID_FIELD as for a name. */
export function toldTeam(shown: Shown): string | undefined {
  const bytes = shown.bytes('berth-team-bin');
  if (bytes !== undefined) return checkedName('berth-team-bin', utf8Of('berth-team-bin', bytes));
  const text = shown.text('berth-team');
  return text === undefined ? undefined : checkedName('berth-team', text);
}

/** The benches that metadata `berth-benches` (a JSON list of names) limits the caller to. Throws INVALID_FIELD. */
export function toldBenches(shown: Shown): readonly string[] | undefined {
  const text = shown.text('berth-benches');
  if (text === undefined) return undefined;
  const names = jsonOf(text);
  if (!Array.isArray(names) || names.length > MAX_BENCHES || !names.every((name) => typeof name === 'string')) {
    throw badMetadata('berth-benches', `must be a JSON list of at most ${String(MAX_BENCHES)} names of benches`);
  }
  return names;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function checkedName(key: string, name: string): string {
  // No name has more characters than code units: those of nearly all are not counted one by one.
  const chars = name.length <= MAX_NAME_CHARS ? name.length : Array.from(name).length;
  if (chars === 0 || chars > MAX_NAME_CHARS) {
    throw badMetadata(key, `must have 1 to ${String(MAX_NAME_CHARS)} characters, got ${String(chars)}`);
  }
  if (/\p{Cc}/u.test(name)) throw badMetadata(key, 'must have no control characters');
  return name;
}

function utf8Of(key: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw badMetadata(key, 'must be UTF-8');
  }
}

function badMetadata(key: string, fault: string): BerthError {
  const field = `metadata.${key}`;
  return new BerthError('INVALID_FIELD', `metadata ${key} ${fault}`, { fields: [{ field, description: fault }] });
}
