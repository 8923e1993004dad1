import { IdentityServiceDefinition } from '@berth/proto/berth/identity/v1/identity_service';
import { TestClient } from '@berth/testkit/test-client';
import { Metadata } from '@grpc/grpc-js';
import test, { type ExecutionContext } from 'ava';
import { serveEcho } from '../calls/echo-service.fixture.js';
import type { Caller } from './caller.js';
import type { Identity } from './identity.js';
import { notAuthenticated } from './refused-caller.js';
import { whoAmIOf } from './whoami.js';

async function clientOf(t: ExecutionContext, identity?: Identity) {
  const { client } = await serveEcho(t, {}, identity === undefined ? {} : { identity });
  return new TestClient(client, IdentityServiceDefinition);
}

test('a server that believes every name tells the one that it was given', async (t) => {
  const client = await clientOf(t);
  t.deepEqual(await client.call('whoAmI', {}, 'ann/user'), {
    name: 'ann',
    role: 'user',
    team: '',
    via: 'open',
    by: '',
    benches: [],
  });
});

test('a caller is told with all that is known of it, and one that is unknown is refused', async (t) => {
  const caller: Caller = {
    name: 'vpn',
    role: 'viewer',
    team: 'lab3',
    via: 'token',
    by: 'gateway',
    benches: ['b1', 'b2'],
  };
  const identity: Identity = {
    open: false,
    callerOf(shown) {
      if (shown.text('authorization') === undefined) throw notAuthenticated();
      return caller;
    },
  };
  const { client } = await serveEcho(t, {}, { identity });
  const { whoAmI } = IdentityServiceDefinition.methods;
  const path = `/${IdentityServiceDefinition.fullName}/${whoAmI.name}`;
  const metadata = new Metadata();
  metadata.set('authorization', 'Bearer x');
  const answer = await new Promise((resolve, reject) => {
    const decode = (bytes: Buffer): unknown => whoAmI.responseType.decode(bytes);
    client.makeUnaryRequest(
      path,
      () => Buffer.alloc(0),
      decode,
      {},
      metadata,
      (error, told) => {
        if (error === null) resolve(told);
        else reject(error);
      },
    );
  });
  t.deepEqual(answer, whoAmIOf(caller));
  t.deepEqual(whoAmIOf(caller).benches, ['b1', 'b2']);
  const refused = await new TestClient(client, IdentityServiceDefinition).refusal('whoAmI', {});
  t.deepEqual([refused.code, refused.reason], ['UNAUTHENTICATED', 'NOT_AUTHENTICATED']);
});
