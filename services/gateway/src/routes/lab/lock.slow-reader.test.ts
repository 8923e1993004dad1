import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import type { Berth, LeaseEvent } from '@berth/client';
import { Queued } from '@berth/proto/berth/lease/v1/lease';
import type { Caller } from '@berth/server';
import { until } from '@berth/testkit';
import test from 'ava';
import { fastify } from 'fastify';
import type { Roles } from '../../ports/roles.js';
import { lockRoute } from './lock-route.js';

const LINE_BYTES = 64 << 10;

test('a client that does not read is not read for, and hanging up closes the connection to the role', async (t) => {
  const seen = { pulled: 0, left: false, closed: 0 };
  async function* queue(): AsyncGenerator<LeaseEvent, void> {
    try {
      for (;;) {
        await new Promise((resolve) => setImmediate(resolve));
        seen.pulled++;
        yield { $case: 'queued', value: Queued.fromPartial({ requestId: 'x'.repeat(LINE_BYTES) }) };
      }
    } finally {
      seen.left = true;
    }
  }
  const close = (): void => {
    seen.closed++;
  };
  const roles = { for: () => ({ queue, close }) as unknown as Berth } as unknown as Roles;
  const app = fastify();
  app.decorate('stopping', new AbortController().signal);
  app.decorateRequest('caller', null as unknown as Caller);
  lockRoute(app, roles);
  await app.listen({ host: '127.0.0.1', port: 0 });
  t.teardown(() => app.close());

  const socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1');
  socket.pause();
  socket.write('POST /lock?resource=r1 HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n');
  await until(() => seen.pulled > 0, { what: 'the first line' });
  let last = -1;
  await until(() => seen.pulled === last || ((last = seen.pulled), false), { what: 'the lines to stop' });
  // What the systems of both sides keep for a connection, and what Node keeps before it says that there is no room.
  t.true(seen.pulled * LINE_BYTES < 16 << 20, `${String(seen.pulled)} lines were read for it`);
  t.deepEqual([seen.left, seen.closed], [false, 0]);

  const before = seen.pulled;
  socket.resume();
  await until(() => seen.pulled > before, { what: 'lines to go on once it reads' });
  socket.destroy();
  await once(socket, 'close');
  await until(() => seen.left && seen.closed > 0, { what: 'the connection to the role to be closed' });
});
