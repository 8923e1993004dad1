import { Pool } from '@berth/proto/berth/pool/v1/pool';
import type { PoolServiceDefinition } from '@berth/proto/berth/pool/v1/pool_service';
import { ApplyPoolsRequest } from '@berth/proto/berth/pool/v1/pool_service';
import type { ServiceImplementation } from '@berth/server';
import { dateOf, isOperator, itemBytes, requestKey, storePage } from '@berth/server';
import type { PoolContext } from '../../app/pool-facts.js';
import { getPool, listPools } from '../../app/pool-facts.js';
import type { SweepContext } from '../../app/sweep-pool.js';
import { sweepPool } from '../../app/sweep-pool.js';
import { invalidPools, readPools } from '../pools-file/read-pools.js';
import { writePools } from '../pools-file/write-pools.js';
import { parsePoolName, parseState, parseText } from './parse-pools.js';
import { changeOf, poolOf, strangerOf, wholePoolOf } from './pool-to-proto.js';

export interface PoolHandlerContext extends PoolContext {
  readonly sweep: SweepContext;
  /** Aborts when the service stops: what a sweep runs ends then, not with its caller. */
  readonly signal: AbortSignal;
}

export type PoolHandlers = Pick<
  ServiceImplementation<PoolServiceDefinition>,
  'listPools' | 'getPool' | 'applyPools' | 'exportPools' | 'setPoolState' | 'sweep'
>;

/** The most strangers that are told of. */
const MOST_STRANGERS = 5000;

const poolBytes = itemBytes(Pool);

/** The methods of PoolService for pools. */
export function poolHandlers(context: () => PoolHandlerContext): PoolHandlers {
  const whole = async (name: string, withVariables: boolean) => {
    const ctx = context();
    return { pool: wholePoolOf(await getPool(ctx, name), ctx.clock.now(), withVariables) };
  };
  return {
    async listPools(request) {
      const ctx = context();
      const { messages, nextPageToken } = await storePage(request, {
        read: (limit, after) => listPools(ctx, { limit, after }),
        message: (facts) => poolOf(facts, ctx.clock.now()),
        bytes: poolBytes,
        scope: ['ListPools'],
      });
      return { pools: messages, nextPageToken };
    },

    async getPool(request, call) {
      return whole(parsePoolName(request, 'name'), isOperator(call));
    },

    async applyPools(request, call) {
      const { text, file } = parseText(request);
      const { pools, faults, warnings } = await readPools(text, file);
      if (faults.length > 0) throw invalidPools(faults);
      const { inForce } = context();
      // What the text is called does not make it another one.
      const key = requestKey('ApplyPools', ApplyPoolsRequest, { ...request, file: '' }, call.caller);
      const changes = request.validateOnly
        ? inForce.changesTo(pools)
        : await inForce.apply(pools, call.caller.name, key);
      return { changes: changes.map(changeOf), warnings: [...warnings] };
    },

    // eslint-disable-next-line @typescript-eslint/require-await -- every method of a service gives a promise
    async exportPools() {
      const { pools, applyMs, origin, fileFault } = context().inForce.document;
      return { yaml: writePools(pools), applyTime: dateOf(applyMs), origin, fileFault };
    },

    async setPoolState(request, call) {
      const { pool, state, key } = parseState(request, call.caller);
      await context().inForce.setState(pool, state, key);
      return whole(pool, true);
    },

    async sweep(request) {
      const { inForce, sweep, signal } = context();
      const { options } = inForce.named(parsePoolName(request, 'pool'));
      const { strangers, listed } = await sweepPool(sweep, options, { validateOnly: request.validateOnly, signal });
      const own = strangers.filter(({ verdict }) => verdict !== 'FOREIGN');
      const foreign = strangers.filter(({ verdict }) => verdict === 'FOREIGN');
      return { strangers: [...own, ...foreign].slice(0, MOST_STRANGERS).map(strangerOf), listed };
    },
  };
}
