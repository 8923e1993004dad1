import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { BerthError } from '@berth/kernel';
import type { RedisServer } from '@berth/testkit';
import { requireServer, startRedisServer, until } from '@berth/testkit';
import test from 'ava';
import { testLocks } from './conformance.js';
import type { Locks } from './lock.js';
import { redlockLocks } from './redlock-locks.js';

const CHILD = fileURLToPath(new URL('lock-child.ts', import.meta.url));

interface Nodes {
  readonly servers: readonly RedisServer[];
  readonly urls: readonly string[];
  readonly open: () => Promise<Locks>;
  readonly stop: () => Promise<void>;
}

async function startNodes(count: number): Promise<Nodes> {
  const servers = await Promise.all(Array.from({ length: count }, () => startRedisServer()));
  const urls = servers.map(({ url }) => url);
  const opened: Locks[] = [];
  return {
    servers,
    urls,
    async open() {
      const locks = await redlockLocks({ urls });
      opened.push(locks);
      return locks;
    },
    async stop() {
      for (const locks of opened) await locks.close();
      for (const server of servers) await server.stop();
    },
  };
}

async function withNodes(count: number, body: (nodes: Nodes) => Promise<void>): Promise<void> {
  const nodes = await startNodes(count);
  try {
    await body(nodes);
  } finally {
    await nodes.stop();
  }
}

if (requireServer(test, 'redis-server')) {
  testLocks(test, {
    async start() {
      const nodes = await startNodes(1);
      const [server] = nodes.servers;
      return {
        locks: await nodes.open(),
        more: nodes.open,
        stop: nodes.stop,
        silence: async () => {
          await server?.kill('SIGKILL');
          return () => server?.restart() ?? Promise.resolve();
        },
      };
    },
  });

  for (const count of [1, 3]) {
    test(`a paused holder loses its lock to another, and learns it when it goes on (${String(count)} nodes)`, async (t) => {
      await withNodes(count, async ({ urls, open }) => {
        const child = fork(CHILD, ['2000', ...urls], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
        const said: unknown[] = [];
        child.on('message', (message) => said.push(message));
        try {
          await until(() => said.length > 0, { what: 'the child to take the lock', timeoutMs: 60_000 });
          t.deepEqual(said, ['held']);
          const locks = await open();
          t.is(await locks.acquire('work', 60_000), undefined);
          child.kill('SIGSTOP');
          const taken = await until(() => locks.acquire('work', 60_000), { what: 'the lock of the paused child' });
          child.kill('SIGCONT');
          await until(() => said.length > 1, { what: 'the child to notice' });
          t.deepEqual(said, ['held', 'lost']);
          t.false(taken.signal.aborted);
        } finally {
          const gone = once(child, 'exit');
          child.kill('SIGKILL');
          await gone;
        }
      });
    });
  }

  test('with a minority of nodes gone or frozen locks work on', async (t) => {
    await withNodes(5, async ({ servers, open }) => {
      const locks = await open();
      const before = await locks.acquire('before', 2_000);
      await servers[0]?.kill('SIGKILL');
      await servers[1]?.kill('SIGSTOP');
      const held = await locks.acquire('work', 2_000);
      t.truthy(held);
      t.is(await (await open()).acquire('work', 2_000), undefined);
      await held?.release();
      t.truthy(await locks.acquire('work', 2_000));
      t.false(before?.signal.aborted);
    });
  });

  test('with a majority of nodes gone nothing is given, what is held is lost, and all comes back with them', async (t) => {
    await withNodes(3, async ({ servers, open }) => {
      const locks = await open();
      const held = await locks.acquire('held', 1_000);
      await servers[0]?.kill('SIGKILL');
      await servers[1]?.kill('SIGSTOP');
      const error = await t.throwsAsync(locks.acquire('work', 1_000), { instanceOf: BerthError });
      t.is(error.reason, 'STORE_UNAVAILABLE');
      await until(() => held?.signal.aborted, { what: 'the lock to be lost' });
      await servers[0]?.restart();
      const again = await until(() => locks.acquire('work', 1_000).catch(() => undefined), { what: 'a lock again' });
      t.false(again.signal.aborted);
    });
  });

  test('a lock that Redis forgot is lost at the next extension', async (t) => {
    await withNodes(1, async ({ servers, open }) => {
      const locks = await open();
      const held = await locks.acquire('work', 1_500);
      await servers[0]?.restart({ empty: true });
      await until(() => held?.signal.aborted, { what: 'the lock to be lost' });
      t.regex(String(held?.signal.reason), /Redis forgot it|not extended in time/);
    });
  });
}

test('an even number of nodes, or one named twice, is refused', async (t) => {
  for (const urls of [[], ['redis://a', 'redis://b'], ['redis://a', 'redis://b', 'redis://u:p@a:6379']]) {
    const error = await t.throwsAsync(redlockLocks({ urls }), { instanceOf: BerthError });
    t.is(error.reason, 'INVALID_CONFIG');
  }
});
