// The package has its types where TypeScript does not find them: its "exports" name none. This is what is used of them.
declare module 'redlock' {
  import type { Redis } from 'ioredis';

  export interface ExecutionStats {
    readonly quorumSize: number;
    readonly votesAgainst: ReadonlyMap<Redis, Error>;
  }

  export class ResourceLockedError extends Error {}

  export class ExecutionError extends Error {
    readonly attempts: readonly Promise<ExecutionStats>[];
  }

  export interface Lock {
    release(): Promise<unknown>;
    extend(durationMs: number): Promise<Lock>;
  }

  // eslint-disable-next-line no-restricted-syntax -- it is how the package exports it
  export default class Redlock {
    constructor(clients: readonly Redis[], settings: { readonly retryCount: number });
    acquire(resources: readonly string[], durationMs: number): Promise<Lock>;
    on(event: 'error', listener: (error: unknown) => void): this;
  }
}
