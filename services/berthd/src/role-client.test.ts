import test from 'ava';
import { RoleClient } from './role-client.js';

test('a client is made once, when it is first asked for and its address is known', async (t) => {
  const asked: (string | undefined)[] = [];
  const served: { address?: string } = {};
  const client = new RoleClient(
    () => {
      asked.push(served.address);
      if (served.address === undefined) throw new Error('not served yet');
      return { address: served.address };
    },
    { user: 'berth-test', role: 'viewer' },
  );
  t.teardown(() => client.close());
  t.deepEqual(asked, []);
  await t.throwsAsync(client.connected(), { message: 'not served yet' });
  served.address = '127.0.0.1:1';
  const [one, two] = await Promise.all([client.connected(), client.connected()]);
  t.is(one, two);
  t.deepEqual(asked, [undefined, '127.0.0.1:1']);
});

test('a client that nobody asked for is closed without being made', async (t) => {
  const client = new RoleClient(() => ({ address: String(t.fail('asked')) }), { user: 'berth-test', role: 'viewer' });
  await t.notThrowsAsync(client.close());
});
