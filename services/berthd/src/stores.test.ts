import { BerthError, steadyClock } from '@berth/kernel';
import { createLog } from '@berth/server';
import { tempFolder } from '@berth/testkit';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import { berthdConfigSchema } from './config.js';
import { Stores } from './stores.js';

function storesIn(t: ExecutionContext, dir: string): { readonly stores: Stores; readonly close: () => Promise<void> } {
  const stores = new Stores(
    berthdConfigSchema.parse({ dataDir: dir }),
    steadyClock(),
    createLog({ level: 'silent', format: 'json' }),
  );
  const close = async (): Promise<void> => {
    for (const part of stores.parts.splice(0)) await part.stop();
  };
  t.teardown(close);
  return { stores, close };
}

/** What a role does at its start: opens a collection of its own. */
async function role(stores: Stores, name: string) {
  const [documents] = await Promise.all([stores.documents(), stores.leases(), stores.locks(false)]);
  return documents.collection<{ id: string; role: string }>({ name, indexes: [] });
}

test('two roles keep documents in one data directory, which is free again when its stores are closed', async (t) => {
  const dir = tempFolder(t);
  const { stores, close } = storesIn(t, dir);
  for (const name of ['pool', 'booking']) await (await role(stores, name)).insert([{ id: 'one', role: name }]);
  t.deepEqual(stores.parts.map(({ name }) => name).sort(), ['documents', 'leases', 'locks of this process']);

  const others = storesIn(t, dir);
  const refused = await t.throwsAsync(others.stores.documents(), { instanceOf: BerthError });
  t.is(refused.reason, 'DATA_DIR_LOCKED');
  await close();

  const later = storesIn(t, dir);
  for (const name of ['pool', 'booking']) {
    t.is((await (await role(later.stores, name)).get('one'))?.value.role, name);
  }
});

test('roles that ask at the same time get the same store and the same locks', async (t) => {
  const { stores } = storesIn(t, tempFolder(t));
  const [one, two] = await Promise.all([stores.documents(), stores.documents()]);
  t.is(one, two);
  const [locks, same] = await Promise.all([stores.locks(false), stores.locks(true)]);
  t.is(locks, same, 'without lock servers nobody else can be asked');
  t.is(stores.parts.length, 2);
});
