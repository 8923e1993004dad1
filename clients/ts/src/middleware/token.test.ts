import type { LeaseServiceImplementation } from '@berth/proto/berth/lease/v1/lease_service';
import { closedAfter, tempFolder, until } from '@berth/testkit';
import test, { type ExecutionContext } from 'ava';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CallContext, Status } from 'nice-grpc';
import { BerthError } from '../berth-error.js';
import { type Berth, connect, type ConnectOptions } from '../connect.js';
import { tokenFromFile } from '../credential-files.js';
import { described, hungUp, type Peer, startPeer } from '../peer.fixture.js';

/** A peer that takes one token, and keeps what was shown to it. */
async function guardedPeer(t: ExecutionContext) {
  const guard = { takes: 'first', shown: [] as (string | undefined)[], users: [] as (string | undefined)[] };
  const check = (context: CallContext): void => {
    const shown = context.metadata.get('authorization');
    guard.shown.push(shown);
    guard.users.push(context.metadata.get('berth-user'));
    if (shown === `Bearer ${guard.takes}`) return;
    throw described(context, Status.UNAUTHENTICATED, 'BAD_CREDENTIALS', 'this token is not taken');
  };
  const script: Partial<LeaseServiceImplementation> = {
    getLease(_request, context) {
      check(context);
      return Promise.resolve({ lease: undefined });
    },
    async *watch(_request, context) {
      check(context);
      yield { revision: 1, changes: [], snapshot: false, commitTime: undefined, more: false };
      await hungUp(context);
    },
  };
  return { guard, peer: await startPeer(t, script) };
}

function clientOf(t: ExecutionContext, { address }: Peer, options: ConnectOptions): Berth {
  return closedAfter(t, connect({ address, ...options }));
}

function get(berth: Berth): Promise<unknown> {
  return berth.lease.getLease({ leaseId: 'x' });
}

test('a source is asked once a connection, and again after a token was refused', async (t) => {
  const { guard, peer } = await guardedPeer(t);
  const given = ['first', 'second', 'third'];
  let asked = 0;
  const berth = clientOf(t, peer, {
    token: () => {
      asked += 1;
      return Promise.resolve(given[asked - 1] ?? 'none');
    },
  });
  for (let i = 0; i < 3; i += 1) await get(berth);
  t.is(asked, 1);
  guard.takes = 'second';
  await get(berth);
  t.is(asked, 2);
  t.deepEqual(guard.shown, ['Bearer first', 'Bearer first', 'Bearer first', 'Bearer first', 'Bearer second']);
  guard.takes = 'third';
  await peer.crash();
  await get(berth);
  t.is(asked, 3);
  t.deepEqual(guard.shown.slice(5), ['Bearer third']);
});

test('a token that is refused and stays the same is told, without a second attempt', async (t) => {
  const { guard, peer } = await guardedPeer(t);
  const berth = clientOf(t, peer, { token: () => 'wrong' });
  t.like(await t.throwsAsync(get(berth)), { reason: 'BAD_CREDENTIALS', code: Status.UNAUTHENTICATED });
  t.deepEqual(guard.shown, ['Bearer wrong']);
  const still = clientOf(t, peer, { token: 'wrong' });
  t.like(await t.throwsAsync(get(still)), { reason: 'BAD_CREDENTIALS' });
  t.is(guard.shown.length, 2);
});

test('a stream begins again with the new token', async (t) => {
  const { guard, peer } = await guardedPeer(t);
  const given = ['stale', 'first'];
  const berth = clientOf(t, peer, { token: () => given.shift() ?? 'none' });
  for await (const { revision } of berth.watch()) {
    t.is(revision, 1);
    break;
  }
  t.deepEqual(guard.shown, ['Bearer stale', 'Bearer first']);
});

test('the file of a token may be replaced while a client runs; one that is away or empty is named', async (t) => {
  const { guard, peer } = await guardedPeer(t);
  const file = join(tempFolder(t), 'token');
  const berth = clientOf(t, peer, { token: tokenFromFile(file) ?? '' });
  await t.throwsAsync(get(berth), { instanceOf: TypeError, message: new RegExp(`token file ${file} cannot be read`) });
  writeFileSync(file, '\n');
  await t.throwsAsync(get(berth), { instanceOf: TypeError, message: new RegExp(`${file} is empty`) });
  writeFileSync(file, 'two words');
  const fault = await t.throwsAsync(get(berth), { instanceOf: TypeError, message: /cannot be sent/ });
  t.notRegex(fault.message, /two words/);
  t.deepEqual(guard.shown, []);
  writeFileSync(file, ' first\n');
  await get(berth);
  guard.takes = 'second';
  t.like(await t.throwsAsync(get(berth)), { reason: 'BAD_CREDENTIALS' });
  writeFileSync(file, 'second\n');
  await get(berth);
  t.is(guard.shown.at(-1), 'Bearer second');
});

test('who shows a token gives a name only when asked to', async (t) => {
  const { guard, peer } = await guardedPeer(t);
  await get(clientOf(t, peer, { token: 'first' }));
  await get(clientOf(t, peer, { token: () => 'first' }));
  await get(clientOf(t, peer, { token: 'first', user: 'ann' }));
  t.deepEqual(guard.users, [undefined, undefined, 'ann']);
  const other = await t.throwsAsync(get(clientOf(t, peer, {})), { instanceOf: BerthError });
  t.is(other.reason, 'BAD_CREDENTIALS');
  t.truthy(guard.users.at(-1));
  t.is(guard.shown.at(-1), undefined);
});

test('a source that is slow is asked once for all calls that wait', async (t) => {
  const { peer } = await guardedPeer(t);
  let give: ((token: string) => void) | undefined;
  let asked = 0;
  const token = (): Promise<string> => {
    asked += 1;
    return new Promise((resolve) => (give = resolve));
  };
  const berth = clientOf(t, peer, { token });
  const calls = Promise.all([get(berth), get(berth), get(berth)]);
  const answer = await until(() => give, { what: 'the question' });
  answer('first');
  await calls;
  t.is(asked, 1);
});
