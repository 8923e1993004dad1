import { systemClock } from '@berth/kernel';
import { requireServer, startRedisServer, until } from '@berth/testkit';
import test from 'ava';
import { testEventLog } from '../event-log/conformance.js';
import type { Running } from '../event-log/conformance/subject.js';
import { openRedisEventLogStore } from './redis-event-log-store.js';

const clock = systemClock();

async function start(): Promise<Running> {
  const server = await startRedisServer();
  let store = await openRedisEventLogStore({ url: server.url, clock });
  return {
    get store() {
      return store;
    },
    target: server.url,
    async pass(ms) {
      // The server runs on this machine; it counts in whole milliseconds.
      const end = clock.monotonic() + ms + 1;
      await until(() => clock.monotonic() > end, { what: `${String(ms)} ms` });
    },
    async restart() {
      await store.close();
      await server.restart();
    },
    release: () => store.close(),
    async reopen() {
      store = await openRedisEventLogStore({ url: server.url, clock });
      return store;
    },
    async stop() {
      await store.close();
      await server.stop();
    },
  };
}

if (requireServer(test, 'redis-server')) testEventLog(test, { engine: 'redis', start });
