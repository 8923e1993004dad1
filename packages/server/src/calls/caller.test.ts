import { BerthError } from '@berth/kernel';
import { Metadata } from '@grpc/grpc-js';
import test from 'ava';
import { callerOf } from './caller.js';

function metadataOf(values: Readonly<Record<string, string | Buffer>>): Metadata {
  const metadata = new Metadata();
  for (const [key, value] of Object.entries(values)) metadata.set(key, value);
  return metadata;
}

test('a name is taken as it was sent, beyond ASCII as bytes', (t) => {
  for (const name of ['jörg', 'jürg', 'j?rg', 'Ольга', '李', ' ann', 'a%41', '😀'.repeat(128), '\ufeffx']) {
    t.is(callerOf(metadataOf({ 'berth-user-bin': Buffer.from(name) })).name, name);
  }
  t.is(callerOf(metadataOf({ 'berth-user': 'a%c3%b6' })).name, 'a%c3%b6');
  t.is(callerOf(metadataOf({ 'berth-user': 'ann', 'berth-user-bin': Buffer.from('ann') })).name, 'ann');
  t.is(callerOf(metadataOf({})).name, 'anonymous');
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
  ];
  for (const [values, message] of cases) {
    const error = t.throws(() => callerOf(metadataOf(values)), { instanceOf: BerthError, message });
    t.is(error.reason, 'INVALID_FIELD');
    t.true(error.details.fields?.[0]?.field.startsWith('metadata.berth-'));
  }
});
