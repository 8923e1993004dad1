import type { Role } from './role.js';

/** The one that calls, as it was made out. */
export interface Caller {
  readonly name: string;
  readonly role: Role;
  readonly team?: string;
  /** How the caller was made out; `open` = it was believed, `process` = another part of this process. */
  readonly via: 'open' | 'token' | 'jwt' | 'certificate' | 'process';
  /** The service that speaks for this caller; absent = the caller itself. */
  readonly by?: string;
  /** The benches to which a token is limited: it updates their properties, labels and condition, and reads. Its role is `viewer`. */
  readonly benches?: readonly string[];
}

/** The caller of a method that is open to everybody: nobody asks for its name. */
export const ANYBODY: Caller = { name: 'anonymous', role: 'viewer', via: 'open' };
