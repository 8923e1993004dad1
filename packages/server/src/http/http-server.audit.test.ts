import test from 'ava';
import { pino } from 'pino';
import type { AuditEntry } from '../audit/audit.js';
import { ServerHealth } from '../health/health.js';
import type { Identity } from '../identity/identity.js';
import { badCredentials } from '../identity/refused-caller.js';
import { createHttpServer } from './http-server.js';

const IDENTITY: Identity = {
  open: false,
  callerOf: (shown) => {
    if (shown.text('authorization') !== 'Bearer right') throw badCredentials('no such token');
    return { name: 'ann', role: 'user', via: 'token' };
  },
};

test('a request that is refused for who makes it is audited, without its query, and no other', async (t) => {
  const entries: AuditEntry[] = [];
  const http = await createHttpServer({
    listen: { host: '127.0.0.1', port: 0 },
    identity: IDENTITY,
    audit: { write: (entry) => void entries.push(entry) },
    health: new ServerHealth(''),
    log: pino({ level: 'silent' }),
  });
  http.app.get('/for-users', () => Promise.resolve({}));
  http.app.get('/for-operators', { config: { access: 'operator' } }, () => Promise.resolve({}));
  await http.start();
  t.teardown(() => http.stop());
  const url = `http://127.0.0.1:${String(http.address.port)}`;
  const status = async (path: string, token: string): Promise<number> =>
    (await fetch(url + path, { headers: { authorization: `Bearer ${token}` } })).status;
  t.is(await status('/for-users?token=hunter2', 'wrong'), 401);
  t.is(await status('/for-operators', 'right'), 403);
  t.is(await status('/for-users', 'right'), 200);
  t.is(await status('/nowhere', 'right'), 404);
  t.is(entries.length, 2);
  t.like(entries[0], {
    decision: 'refused',
    method: 'GET /for-users',
    reason: 'BAD_CREDENTIALS',
    why: 'no such token',
  });
  t.like(entries[1], { decision: 'refused', method: 'GET /for-operators', reason: 'PERMISSION_DENIED' });
  t.false(JSON.stringify(entries).includes('hunter2'));
});
