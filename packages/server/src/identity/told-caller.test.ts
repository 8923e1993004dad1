import { BerthError } from '@berth/kernel';
import { Metadata } from '@grpc/grpc-js';
import test from 'ava';
import type { Caller } from './caller.js';
import { openIdentity } from './identity.js';
import { ShownCall } from './shown.js';

function callerOf(values: Readonly<Record<string, string | Buffer>>): Caller {
  const metadata = new Metadata();
  for (const [key, value] of Object.entries(values)) metadata.set(key, value);
  return openIdentity().callerOf(new ShownCall({ metadata })) as Caller;
}

test('a name is taken as it was sent, beyond ASCII as bytes', (t) => {
  for (const name of ['jörg', 'jürg', 'j?rg', 'Ольга', '李', ' ann', 'a%41', '😀'.repeat(128), '\ufeffx']) {
    t.is(callerOf({ 'berth-user-bin': Buffer.from(name) }).name, name);
  }
  t.is(callerOf({ 'berth-user': 'a%c3%b6' }).name, 'a%c3%b6');
  t.is(callerOf({ 'berth-user': 'ann', 'berth-user-bin': Buffer.from('ann') }).name, 'ann');
  t.is(callerOf({}).name, 'anonymous');
});

test('what is not one plain name is refused, and the error names the field', (t) => {
  const cases: readonly (readonly [Readonly<Record<string, string | Buffer>>, RegExp])[] = [
    [{ 'berth-user-bin': Buffer.from([0x6a, 0xf6, 0x72, 0x67]) }, /metadata berth-user-bin must be UTF-8/],
    [{ 'berth-user-bin': Buffer.from('a\u0000b') }, /no control characters/],
    [{ 'berth-user-bin': Buffer.from('a\u0085b') }, /no control characters/],
    [{ 'berth-user-bin': Buffer.alloc(0) }, /1 to 128 characters, got 0/],
    [{ 'berth-user-bin': Buffer.from('ö'.repeat(129)) }, /1 to 128 characters, got 129/],
    [{ 'berth-user': 'ann', 'berth-user-bin': Buffer.from('bob') }, /says another name than berth-user "ann"/],
    [{ 'berth-user': 'ann', 'berth-role': 'king' }, /must be one of viewer, user, operator, admin/],
    [{ 'berth-team-bin': Buffer.from('a\tb') }, /metadata berth-team-bin must have no control characters/],
    [{ 'berth-benches': 'b1' }, /metadata berth-benches must be a JSON list/],
    [{ 'berth-benches': '[1]' }, /metadata berth-benches must be a JSON list/],
  ];
  for (const [values, message] of cases) {
    const error = t.throws(() => callerOf(values), { instanceOf: BerthError, message });
    t.is(error.reason, 'INVALID_FIELD');
    t.true(error.details.fields?.[0]?.field.startsWith('metadata.berth-'));
  }
});

test('in open mode team and benches are believed too, and benches leave nothing more than to read', (t) => {
  t.deepEqual(callerOf({ 'berth-user': 'ann', 'berth-role': 'user', 'berth-team': 'cats' }), {
    name: 'ann',
    role: 'user',
    via: 'open',
    team: 'cats',
  });
  t.deepEqual(callerOf({ 'berth-user': 'pi', 'berth-role': 'admin', 'berth-benches': '["b1","b2"]' }), {
    name: 'pi',
    role: 'viewer',
    via: 'open',
    benches: ['b1', 'b2'],
  });
});

test('metadata is read the same without what grpc-js keeps to itself', (t) => {
  const metadata = new Metadata();
  metadata.set('berth-user-bin', Buffer.from('jörg'));
  metadata.set('berth-role', 'user');
  const hidden = { get: (name: string) => metadata.get(name) } as unknown as Metadata;
  for (const read of [metadata, hidden]) {
    t.like(openIdentity().callerOf(new ShownCall({ metadata: read })), { name: 'jörg', role: 'user' });
  }
});
