import { PoolState } from '@berth/client';
import { enumWords } from '../output/enum-name.js';
import type { Context } from '../program/context.js';
import { poolView } from './pool-view.js';

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
