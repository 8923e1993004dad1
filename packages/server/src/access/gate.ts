import type { Caller } from '../identity/caller.js';
import { ANYBODY } from '../identity/caller.js';
import type { Identity } from '../identity/identity.js';
import { RefusedCaller } from '../identity/refused-caller.js';
import { includesRole } from '../identity/role.js';
import type { Shown } from '../identity/shown.js';
import type { Access } from './access.js';

/** Lets the callers of one method in. */
export class Gate {
  /** `method` is its full path, for messages. */
  constructor(
    private readonly identity: Identity,
    private readonly access: Access,
    private readonly method: string,
  ) {}

  /**
   * The caller, who may call the method; at once where it can be made out at once. Throws, or rejects with, what
   * `Identity.callerOf` does, and PERMISSION_DENIED when its role does not do.
   */
  enter(shown: Shown): Caller | Promise<Caller> {
    if (this.access === 'open') return ANYBODY;
    const caller = this.identity.callerOf(shown);
    return caller instanceof Promise ? caller.then((made) => this.#admit(made)) : this.#admit(caller);
  }

  #admit(caller: Caller): Caller {
    const { access } = this;
    const least = access === 'bench' ? 'operator' : access;
    if (least === 'open' || includesRole(caller.role, least)) return caller;
    if (access === 'bench' && caller.benches !== undefined) return caller;
    throw denied(caller, least, this.method);
  }
}

function denied(caller: Caller, least: string, method: string): RefusedCaller {
  const { name, role, benches } = caller;
  const [, called = method] = /^\/(?:.*\.)?([^/]+\/[^/]+)$/.exec(method) ?? [];
  const who = benches === undefined ? `has role '${role}'` : `is limited to benches (${benches.join(', ')})`;
  return new RefusedCaller(
    'PERMISSION_DENIED',
    `${name} ${who} and may not call ${called.replace('/', '.')}; that takes role '${least}'. Ask somebody who has it.`,
    { caller },
    { metadata: { role, required: least, method } },
  );
}
