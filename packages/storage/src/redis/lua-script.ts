import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';

/** A script with the name that Redis knows it by once it has run. */
export interface LuaScript {
  readonly source: string;
  readonly sha: string;
}

export type ScriptArgument = string | number | Buffer;

export function luaScript(source: string): LuaScript {
  return { source, sha: createHash('sha1').update(source).digest('hex') };
}

/**
 * Runs a script in one round trip; strings in the answer are Buffers. A server that does not know it (restarted, or its
 * scripts were flushed) gets its text, which costs a second round trip once.
 */
export async function runScript(
  redis: Redis,
  script: LuaScript,
  keys: readonly string[],
  args: readonly ScriptArgument[],
): Promise<unknown> {
  try {
    return await redis.callBuffer('EVALSHA', [script.sha, keys.length, ...keys, ...args]);
  } catch (error) {
    if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
    return redis.callBuffer('EVAL', [script.source, keys.length, ...keys, ...args]);
  }
}
