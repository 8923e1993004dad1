import type { RequestKey } from '@berth/kernel';
import { PoolState as StateMessage } from '@berth/proto/berth/pool/v1/pool';
import type { ApplyPoolsRequest } from '@berth/proto/berth/pool/v1/pool_service';
import { SetPoolStateRequest } from '@berth/proto/berth/pool/v1/pool_service';
import type { Caller } from '@berth/server';
import { lineFault, parseRequest, proseFault, requestKey } from '@berth/server';
import type { NewState } from '../../app/pools-in-force.js';
import { POOL_STATES } from '../../domain/options/options.js';

/** The name of a pool. Throws INVALID_FIELD. */
export function parsePoolName<F extends string>(request: Readonly<Record<F, string>>, field: F): string {
  return parseRequest(request, (faults) => {
    faults.require(field, request[field]);
    return request[field];
  });
}

/** What a text is called in its faults when the caller does not say. */
const TEXT_NAME = 'pools.yaml';
const MAX_FILE_NAME = 1024;

/** The text of a file of pools, and what the file is called in messages. Throws INVALID_FIELD. */
export function parseText(request: ApplyPoolsRequest): { readonly text: string; readonly file: string } {
  const { yaml: text, file } = request;
  return parseRequest(request, (faults) => {
    faults.require('yaml', text);
    faults.check('file', lineFault(file, MAX_FILE_NAME));
    return { text, file: file === '' ? TEXT_NAME : file };
  });
}

/** The state that a pool is to have. Throws INVALID_FIELD with every fault. */
export function parseState(
  request: SetPoolStateRequest,
  caller: Caller,
): { readonly pool: string; readonly state: NewState; readonly key: RequestKey } {
  const { pool, reason } = request;
  const state = parseRequest(request, (faults) => {
    const found = POOL_STATES.find((known) => StateMessage[known] === request.state);
    const allowed = POOL_STATES.map((known) => `${StateMessage[known]} (${known})`).join(', ');
    if (found === undefined) faults.add('state', `is ${request.state}; allowed are ${allowed}`);
    faults.require('pool', pool);
    if (reason === '' && found !== 'ACTIVE') faults.add('reason', 'is required; say why, for those who wonder');
    faults.check('reason', proseFault(reason));
    return found ?? 'ACTIVE';
  });
  const actor = { name: caller.name, kind: 'caller' } as const;
  return {
    pool,
    state: { state, reason, actor },
    key: requestKey('SetPoolState', SetPoolStateRequest, request, caller),
  };
}
