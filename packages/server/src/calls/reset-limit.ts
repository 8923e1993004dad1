import type { HangUpLimit } from './hang-ups.js';

/** Node's own limit, before which ours must answer: a burst of 1,000, then 33 a second. */
const BELOW_NODES_DEFAULT: HangUpLimit = { burst: 900, perSecond: 30 };
const RAISED: HangUpLimit = { burst: 10_000, perSecond: 1000 };

/** The part of Node's HTTP/2 server options that @types/node 20 does not know. */
export interface ResetOptions {
  readonly streamResetBurst?: number;
  readonly streamResetRate?: number;
}

/**
 * The bound on resets for a version of Node, and what Node is told for it. Node cuts a connection that resets too many
 * streams; from 22.10 on it can be told how many, which is ten times of what we answer with an error.
 */
export function resetLimitFor(nodeVersion: string): { readonly limit: HangUpLimit; readonly options: ResetOptions } {
  const [major = 0, minor = 0] = nodeVersion.split('.').map(Number);
  if (major < 22 || (major === 22 && minor < 10)) return { limit: BELOW_NODES_DEFAULT, options: {} };
  const options = { streamResetBurst: 10 * RAISED.burst, streamResetRate: 10 * RAISED.perSecond };
  return { limit: RAISED, options };
}
