import type { Role } from '../identity/role.js';

/**
 * Who may call a method: everybody, also without credentials (`open`); callers of a role and above; operators, and tokens
 * that are limited to the bench that the request names (`bench`).
 */
export type Access = 'open' | Role | 'bench';

/** The access of every method of a service. One without an entry does not compile. */
export type AccessTable<D extends { readonly methods: object }> = { readonly [K in keyof D['methods']]: Access };
