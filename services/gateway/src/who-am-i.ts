import { IdentityServiceDefinition, WhoAmIResponse } from '@berth/proto/berth/identity/v1/identity_service';
import type { Caller } from '@berth/server';
import { whoAmIOf } from '@berth/server';

/** The path of WhoAmI, which the gateway answers itself: a role would tell how the gateway was made out. */
export const WHO_AM_I = `/${IdentityServiceDefinition.fullName}/${IdentityServiceDefinition.methods.whoAmI.name}`;

/** The answer to WhoAmI as bytes. */
export function whoAmIBytes(caller: Caller): Uint8Array {
  return WhoAmIResponse.encode(whoAmIOf(caller)).finish();
}
