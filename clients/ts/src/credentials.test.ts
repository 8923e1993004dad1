import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { closedAfter, makeAuthority, requireServer, startBerthd, tempFolder, until } from '@berth/testkit';
import test, { type ExecutionContext } from 'ava';
import { BerthError } from './berth-error.js';
import { type Berth, connect, type ConnectOptions } from './connect.js';
import { tokenFromFile } from './credential-files.js';

/** A berthd with TLS, the file of its tokens, and a client's own file. */
async function guarded(t: ExecutionContext) {
  const authority = makeAuthority(t);
  const folder = tempFolder(t);
  const [tokens, tokenFile] = [join(folder, 'tokens.yaml'), join(folder, 'token')];
  const take = (token: string): void => {
    const sha256 = createHash('sha256').update(token).digest('hex');
    writeFileSync(tokens, JSON.stringify([{ name: 'ci', role: 'user', sha256 }]));
  };
  take('first');
  writeFileSync(tokenFile, 'first');
  const { certFile: cert, keyFile: key } = authority.issue('server');
  const berthd = await startBerthd({
    inventory: 'pool: { name: benches, resources: { b1: {}, b2: {} } }',
    settings: {
      tls: { cert, key, clientCa: authority.caFile },
      auth: { tokens, certificates: [{ commonName: 'ann', name: 'ann', role: 'operator' }] },
    },
  });
  t.teardown(() => berthd.stop());
  const client = (options: ConnectOptions): Berth =>
    closedAfter(t, connect({ address: berthd.address, tls: { ca: authority.ca }, ...options }));
  return { berthd, authority, take, tokenFile, client };
}

if (requireServer(test, 'openssl')) {
  test('a token that is replaced on both sides is taken up while a client runs, and its lease stays', async (t) => {
    const { take, tokenFile, client } = await guarded(t);
    const berth = client({ token: tokenFromFile(tokenFile) ?? '' });
    const lease = await berth.acquire({ bench: 'b1', hold: 'ttl', ttl: '60s' });
    t.is(lease.lease.owner, 'ci');
    take('second');
    const old = client({ token: 'first' });
    await until(
      () =>
        old.identity.whoAmI({}).then(
          () => false,
          (error: unknown) => error instanceof BerthError && error.reason === 'BAD_CREDENTIALS',
        ),
      {
        what: 'the old token to be refused',
      },
    );
    t.like(await t.throwsAsync(lease.renew()), { reason: 'BAD_CREDENTIALS' });
    writeFileSync(tokenFile, 'second\n');
    await lease.renew();
    t.is((await berth.identity.whoAmI({})).name, 'ci');
    t.false(lease.signal.aborted);
    await lease.release();
  });

  test('a client that comes back after a restart of the server shows what is in the file then', async (t) => {
    const { berthd, take, tokenFile, client } = await guarded(t);
    const berth = client({ token: tokenFromFile(tokenFile) ?? '' });
    let reconnecting = 0;
    const lease = await berth.acquire({
      bench: 'b1',
      reconnectGrace: '60s',
      onReconnecting: () => (reconnecting += 1),
    });
    await berthd.kill('SIGKILL');
    take('second');
    writeFileSync(tokenFile, 'second');
    await berthd.start();
    await until(async () => (await berth.lease.listLeases({ bench: 'b1' })).leases[0]?.detached === false, {
      what: 'the stream to be attached again',
    });
    t.true(reconnecting > 0);
    t.false(lease.signal.aborted);
    await lease.release();
  });

  test('a client certificate says who calls, to hold as to call', async (t) => {
    const { authority, client } = await guarded(t);
    const { cert, key } = authority.issue('ann');
    const berth = client({ tls: { ca: authority.ca, cert, key } });
    t.like(await berth.identity.whoAmI({}), { name: 'ann', role: 'operator', via: 'certificate', by: '' });
    await using lease = await berth.acquire({ bench: 'b2' });
    t.is(lease.lease.owner, 'ann');
    const stranger = authority.issue('eve');
    const eve = client({ tls: { ca: authority.ca, cert: stranger.cert, key: stranger.key } });
    t.like(await t.throwsAsync(eve.identity.whoAmI({})), { reason: 'BAD_CREDENTIALS' });
    t.like(await t.throwsAsync(client({}).identity.whoAmI({})), { reason: 'NOT_AUTHENTICATED' });
  });
}
