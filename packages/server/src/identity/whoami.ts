import type { WhoAmIResponse } from '@berth/proto/berth/identity/v1/identity_service';
import { IdentityServiceDefinition } from '@berth/proto/berth/identity/v1/identity_service';
import type { ServedService } from '../calls/service-definition.js';
import { servedService } from '../calls/service-definition.js';
import type { Caller } from './caller.js';

/** The answer to WhoAmI for a caller. */
export function whoAmIOf({ name, role, team = '', via, by = '', benches = [] }: Caller): WhoAmIResponse {
  return { name, role, team, via, by, benches: [...benches] };
}

/** The service that tells callers who they are. */
export function whoAmIService(): ServedService {
  const whoAmI = (_request: unknown, { caller }: { readonly caller: Caller }): Promise<WhoAmIResponse> =>
    Promise.resolve(whoAmIOf(caller));
  return servedService(IdentityServiceDefinition, { whoAmI }, { whoAmI: 'viewer' });
}
