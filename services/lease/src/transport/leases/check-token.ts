import type { CheckTokenRequest, CheckTokenResponse } from '@berth/proto/berth/lease/v1/lease_service';
import { durationOf } from '@berth/server';
import type { Lab } from '../../app/lab.js';
import { benchNamed } from '../../domain/index.js';
import { checkName } from './parse-calls.js';

/** Whether a token is the current one of a bench. Throws NO_SUCH_BENCH. */
export function checkToken(lab: Lab, { bench: name, fencingToken }: CheckTokenRequest): CheckTokenResponse {
  checkName('bench', name);
  const { lease } = benchNamed(lab.state, name);
  const current = lease?.token === fencingToken;
  const remainingMs = current ? lab.remainingMs(lease) : undefined;
  return { current, holder: lease?.owner ?? '', remaining: durationOf(remainingMs) };
}
