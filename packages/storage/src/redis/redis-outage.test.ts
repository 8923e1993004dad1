import { systemClock } from '@berth/kernel';
import type { RedisServer, RedisServerOptions } from '@berth/testkit';
import { failureOf, freePort, requireServer, startRedisServer, until } from '@berth/testkit';
import test from 'ava';
import { Redis } from 'ioredis';
import { bytes, commit, texts } from '../event-log/conformance/subject.js';
import type { EventLog, EventLogStore, Followed } from '../event-log/event-log.js';
import { openRedisEventLogStore } from './redis-event-log-store.js';

const clock = systemClock();

interface Scene {
  readonly server: RedisServer;
  readonly store: EventLogStore;
  readonly log: EventLog;
}

async function scene(body: (scene: Scene) => Promise<void>, options: RedisServerOptions = {}): Promise<void> {
  const server = await startRedisServer(options);
  try {
    const store = await openRedisEventLogStore({ url: server.url, clock });
    try {
      await body({ server, store, log: await store.open('lab') });
    } finally {
      await store.close();
    }
  } finally {
    await server.stop();
  }
}

async function command(server: RedisServer, name: string, ...args: string[]): Promise<unknown> {
  const redis = new Redis(server.url, { enableReadyCheck: false });
  try {
    return await redis.call(name, args);
  } finally {
    redis.disconnect();
  }
}

/** Follows in the background. */
function follower(log: EventLog, after: number): { seen: Followed[]; end: () => Promise<void> } {
  const ending = new AbortController();
  const seen: Followed[] = [];
  const following = (async () => {
    for await (const next of log.follow(after, ending.signal)) seen.push(next);
  })();
  return {
    seen,
    end: async () => {
      ending.abort();
      await following;
    },
  };
}

const LOST: Followed = { kind: 'lost' };

if (requireServer(test, 'redis-server')) {
  test('kill -9 of the server loses no acknowledged append, and the replica recovers by itself', async (t) => {
    await scene(async ({ server, log }) => {
      const { seen, end } = follower(log, 0);
      const acknowledged: string[] = [];
      let last = 0;
      const writing = (async () => {
        for (let index = 0; ; index += 1) {
          const appended = await log.append({ expected: last, events: [bytes(String(index))], steps: [] });
          if (appended.outcome !== 'committed') throw new Error(appended.outcome);
          last = appended.last;
          acknowledged.push(String(index));
        }
      })();
      let recoveries = 0;
      log.onRecovered?.(() => (recoveries += 1));
      await until(() => acknowledged.length >= 200, { what: '200 appends' });
      const broken = failureOf(writing);
      await server.restart();
      t.is((await broken).reason, 'STORE_UNAVAILABLE');
      const { entries } = await until(() => log.load(), { what: 'recovery' });
      const there = new Set(texts(entries));
      t.deepEqual(
        acknowledged.filter((event) => !there.has(event)),
        [],
      );
      t.true(recoveries >= 1);
      await commit(log, (await log.load()).last, [], ['after']);
      await until(() => seen.length === entries.length + 1, { what: 'the follower to be gap-free' });
      t.deepEqual(
        texts(seen.map((next) => (next.kind === 'entry' ? next.entry : { events: [] }))),
        texts((await log.load()).entries),
      );
      await end();
    });
  });

  test('a server that comes back empty is noticed, and revisions still rise', async (t) => {
    await scene(async ({ server, store, log }) => {
      const { last } = await commit(log, 0, [{ kind: 'hold', bench: 'b', lease: 'l', event: 0 }]);
      const { seen, end } = follower(log, last);
      await server.restart({ empty: true });
      await until(() => seen.length > 0, { what: 'lost' });
      t.deepEqual(seen, [LOST]);
      await until(() => store.ping().then(() => true), { what: 'recovery' });
      t.deepEqual(await log.append({ expected: last, events: [bytes('x')], steps: [] }), { outcome: 'lost' });
      t.is(await log.read(last), 'trimmed');
      t.deepEqual(await log.load(), { snapshot: undefined, entries: [], last: 0 });
      const next = await commit(log, 0, [{ kind: 'hold', bench: 'b', lease: 'other', event: 0 }]);
      t.true(next.first > last);
      await until(async () => (await store.labs()).includes('lab'), { what: 'the lab to be listed again' });
      await end();
    });
  });

  test('a server that comes back with older data is noticed, also when its log went on meanwhile', async (t) => {
    await scene(async ({ server, log }) => {
      const one = await commit(log, 0, [], ['kept']);
      const copy = server.copyData();
      const two = await commit(log, one.last, [], ['lost']);
      const { seen, end } = follower(log, two.last);
      await server.restart({ from: copy });
      await until(async () => (await log.load()).last === one.last, { what: 'recovery' });
      const three = await commit(log, one.last, [], ['instead']);
      t.true(three.first > two.last);
      await until(() => seen.length > 0, { what: 'lost' });
      t.deepEqual(seen, [LOST]);
      // The position of the reader is smaller than the last revision, and yet it is not in the log.
      t.deepEqual(await log.append({ expected: two.last, events: [bytes('x')], steps: [] }), { outcome: 'lost' });
      t.deepEqual(texts((await log.load()).entries), ['kept', 'instead']);
      await end();
    });
  });

  test('data that vanishes under a follower without a restart is noticed', async (t) => {
    await scene(async ({ server, log }) => {
      const { last } = await commit(log, 0);
      const { seen, end } = follower(log, last);
      await commit(log, last);
      await until(() => seen.length === 1, { what: 'the first entry' });
      await command(server, 'FLUSHALL');
      await commit(log, 0);
      await until(() => seen.length === 2, { what: 'lost' });
      t.deepEqual(seen[1], LOST);
      await end();
    });
  });

  test('a frozen server makes every call fail within 2.5 s, and all goes on once it does', async (t) => {
    await scene(async ({ server, store, log }) => {
      const { last } = await commit(log, 0);
      const { seen, end } = follower(log, 0);
      await until(() => seen.length === 1, { what: 'the entry' });
      let recoveries = 0;
      log.onRecovered?.(() => (recoveries += 1));
      await server.kill('SIGSTOP');
      // Timers of one process end in order, however busy the machine is: a call that is bound by more than what callers
      // are promised fails after this one.
      let late = false;
      const promised = clock.after(2_000, () => {
        late = true;
      });
      const calls = [
        log.append({ expected: last, events: [bytes('x')], steps: [] }),
        log.load(),
        log.read(0),
        log.touch([{ lease: 'l', ttlMs: 1 }]),
        log.deadlines(['l']),
        log.beat('s', 1_000),
        log.openSession('s', 1_000),
        log.aliveSessions(['s']),
        log.recall('id'),
        log.saveSnapshot({ revision: last, data: bytes('s') }),
        log.trim(last),
        store.ping(),
        store.open('other'),
      ];
      const failures = await Promise.all(calls.map(failureOf));
      t.false(late);
      promised.cancel();
      for (const error of failures) {
        t.is(error.reason, 'STORE_UNAVAILABLE');
        t.true((error.details.retryAfterMs ?? 0) > 0);
        t.regex(error.message, new RegExp(`Redis at 127.0.0.1:${String(server.port)} does not serve`));
      }
      t.is((await failureOf(store.ping())).reason, 'STORE_UNAVAILABLE');
      await server.kill('SIGCONT');
      await until(() => store.ping().then(() => true), { what: 'recovery' });
      await until(() => recoveries > 0, { what: 'word of the recovery' });
      // The append that failed may have been carried out when the server went on.
      const { last: now } = await log.load();
      await commit(log, now, [], ['after']);
      const { entries } = await log.load();
      await until(() => seen.length === entries.length, { what: 'the follower to go on' });
      t.false(seen.some(({ kind }) => kind === 'lost'));
      await end();
    });
  });

  test('scripts that the server forgot are sent again', async (t) => {
    await scene(async ({ server, log }) => {
      const { last } = await commit(log, 0);
      await command(server, 'SCRIPT', 'FLUSH');
      t.true((await commit(log, last)).first > last);
    });
  });

  test('a server out of memory refuses an append whole', async (t) => {
    await scene(async ({ server, store, log }) => {
      const { last } = await commit(log, 0, [{ kind: 'hold', bench: 'b', lease: 'l', event: 0 }]);
      await command(server, 'CONFIG', 'SET', 'maxmemory', '1');
      const free = { kind: 'free', bench: 'b', lease: 'l' } as const;
      const error = await failureOf(log.append({ expected: last, events: [bytes('x')], steps: [free] }));
      t.is(error.reason, 'STORE_UNAVAILABLE');
      t.regex(error.message, /raise maxmemory/);
      await command(server, 'CONFIG', 'SET', 'maxmemory', '0');
      await store.ping();
      t.is((await log.load()).last, last);
      await commit(log, last, [free]);
    });
  });

  test('a server that may evict keys is refused', async (t) => {
    const server = await startRedisServer({ args: ['--maxmemory-policy', 'allkeys-lru'] });
    const error = await failureOf(openRedisEventLogStore({ url: server.url, clock }));
    await server.stop();
    t.is(error.reason, 'INVALID_CONFIG');
    t.regex(
      error.message,
      /maxmemory-policy allkeys-lru.*locks of held benches.*CONFIG SET maxmemory-policy noeviction/,
    );
  });

  test('a server that comes back so that it would be refused at a start is refused, until it is as it should be', async (t) => {
    await scene(async ({ server, store, log }) => {
      const { last } = await commit(log, 0);
      let recoveries = 0;
      log.onRecovered?.(() => (recoveries += 1));
      const admin = new Redis(server.url);
      admin.on('error', () => undefined);
      t.teardown(() => {
        admin.disconnect();
      });
      await admin.config('SET', 'maxmemory-policy', 'allkeys-lru');
      await admin.client('KILL', 'TYPE', 'normal');
      const calls = [
        () => log.append({ expected: last, events: [bytes('x')], steps: [] }),
        () => log.load(),
        () => store.ping(),
      ];
      for (const call of calls) {
        const error = await until(
          async () => {
            const refused = await failureOf(call());
            return refused.message.includes('maxmemory-policy') ? refused : undefined;
          },
          { what: 'the refusal' },
        );
        t.is(error.reason, 'STORE_UNAVAILABLE');
        t.true((error.details.retryAfterMs ?? 0) > 0);
        t.regex(error.message, /CONFIG SET maxmemory-policy noeviction.*until then nothing is served/);
      }
      t.is(recoveries, 0);
      await admin.config('SET', 'maxmemory-policy', 'noeviction');
      await until(() => store.ping().then(() => true), { what: 'it to serve again' });
      await until(() => recoveries === 1, { what: 'word of the recovery' });
      await commit(log, last);
    });
  });

  test('while it is connected to again, what the server said last is told, not what the driver makes of it', async (t) => {
    await scene(async ({ server, store }) => {
      const admin = new Redis(server.url);
      admin.on('error', () => undefined);
      t.teardown(() => {
        admin.disconnect();
      });
      const told: string[] = [];
      const telling = async (what: RegExp): Promise<void> => {
        for (let times = 0; times < 20;) {
          // Also between two tries to connect.
          await new Promise((resolve) => setImmediate(resolve));
          const message = await store.ping().then(() => '', String);
          if (what.test(message)) times += 1;
          else if (message !== '' && times > 0) told.push(message);
        }
      };
      await admin.config('SET', 'requirepass', 'secret');
      await admin.client('KILL', 'TYPE', 'normal');
      await telling(/NOAUTH.*put it in the URL/);
      await admin.config('SET', 'requirepass', '');
      await until(() => store.ping().then(() => true), { what: 'it to serve again' });
      await server.kill('SIGKILL');
      await telling(/ECONNREFUSED/);
      t.deepEqual(told, []);
    });
  });

  test('a server that loads its data, or that a script keeps busy, is told as that', async (t) => {
    // While it loads it answers in between when it has read so much: then it waits 20 ms for each key.
    const slowly = ['--enable-debug-command', 'yes', '--loading-process-events-interval-bytes', '1024'];
    await scene(
      async ({ server, store }) => {
        const admin = new Redis(server.url);
        t.teardown(() => {
          admin.disconnect();
        });
        /** What a ping fails with, once that is this. */
        const told = (answer: string) =>
          until(
            async () =>
              store
                .ping()
                .then(() => '', String)
                .then((text) => text.includes(answer) && text),
            {
              what: answer,
            },
          );
        const serves = () => until(() => store.ping().then(() => true), { what: 'it to serve again' });

        await admin.config('SET', 'busy-reply-threshold', '50');
        const script = admin.eval('while true do end', 0).catch(() => undefined);
        t.regex(String(await told('BUSY')), /a script of somebody else keeps it busy/);
        await command(server, 'SCRIPT', 'KILL');
        await script;
        await serves();

        for (let i = 0; i < 200; i++) await admin.set(`large-${String(i)}`, 'x'.repeat(1_000));
        await admin.config('SET', 'key-load-delay', '20000');
        const reload = admin.call('DEBUG', 'RELOAD').catch(() => undefined);
        t.regex(String(await told('LOADING')), /it is still loading its data: wait/);
        await reload;
        await serves();
      },
      { args: slowly },
    );
  });

  test('a server out of memory, or a read-only one, does not answer a ping', async (t) => {
    await scene(async ({ server, store }) => {
      await command(server, 'CONFIG', 'SET', 'maxmemory', '1');
      t.regex((await failureOf(store.ping())).message, /raise maxmemory/);
      await command(server, 'CONFIG', 'SET', 'maxmemory', '0');
      await command(server, 'REPLICAOF', '127.0.0.1', '1');
      t.regex((await failureOf(store.ping())).message, /read-only replica: point Berth to the master/);
    });
  });

  test('a server that keeps nothing on disk is warned of', async (t) => {
    const server = await startRedisServer({ appendonly: false });
    const warnings: string[] = [];
    const log = { warn: (_: object, message: string) => warnings.push(message) };
    const store = await openRedisEventLogStore({ url: server.url, clock, log });
    t.is(warnings.length, 1);
    t.regex(warnings[0] ?? '', /appendonly off/);
    await store.close();
    await server.stop();
  });

  test('a server that is not there is told at once', async (t) => {
    const port = await freePort();
    const error = await failureOf(openRedisEventLogStore({ url: `redis://:secret@127.0.0.1:${String(port)}`, clock }));
    t.is(error.reason, 'STORE_UNAVAILABLE');
    t.regex(error.message, /ECONNREFUSED/);
    t.notRegex(error.message, /secret/);
  });

  test('a closed log says that the server is stopping, and its followers end', async (t) => {
    await scene(async ({ store, log }) => {
      const { seen, end } = follower(log, 0);
      await store.close();
      await end();
      t.deepEqual(seen, []);
      t.is((await failureOf(log.recall('id'))).reason, 'SHUTTING_DOWN');
    });
  });
}
