import { PoolState } from '@berth/client';
import { enumWords, poolView } from '@berth/views';
import type { Context } from '../program/context.js';

/** Sets what a pool does, and says what it does now. */
export async function setPoolState(
  { berth, out }: Context,
  name: string,
  state: PoolState,
  reason: string,
): Promise<void> {
  const { pool } = await berth.pools.setPoolState({ pool: name, state, reason });
  if (pool) await out.one(poolView(pool), `${name} is ${enumWords(PoolState, pool.state)} now`, name);
}
