import { BerthError, connect } from '@berth/client';
import { PoolServiceDefinition } from '@berth/proto/berth/pool/v1/pool_service';
import { Ticket, TicketState } from '@berth/proto/berth/pool/v1/ticket';
import { createGrpcServer, servedService } from '@berth/server';
import { accessOfAll, closedAfter, partOfService, serveService } from '@berth/testkit';
import test from 'ava';
import { pino } from 'pino';
import { ticketParents } from './ticket-parents.js';

test('tickets that are over are told from open ones, and the whole kind is unknown while nobody answers', async (t) => {
  const asked: number[][] = [];
  const isOpen = (number: number): boolean => number % 3 !== 0;
  const methods = partOfService(PoolServiceDefinition, {
    listTickets({ numbers, states, pageToken }) {
      asked.push(numbers);
      t.deepEqual(states, [TicketState.OPEN]);
      // In two pages, so that the second one is read, too.
      const half = numbers.filter((number) => (number % 2 === 0) === (pageToken === '') && isOpen(number));
      const tickets = half.map((number) => Ticket.fromPartial({ number }));
      return Promise.resolve({ tickets, nextPageToken: pageToken === '' ? 'second' : '' });
    },
  });
  const server = createGrpcServer({ host: '127.0.0.1', port: 0, log: pino({ level: 'silent' }) });
  const pool = await serveService(server, {
    definitions: [servedService(PoolServiceDefinition, methods, accessOfAll(PoolServiceDefinition, 'viewer'))],
    start: () => Promise.resolve(),
    stop: () => Promise.resolve(),
  });
  t.teardown(pool.stop);
  const parents = ticketParents(() => Promise.resolve(closedAfter(t, connect({ address: pool.address }))));
  const names = Array.from({ length: 1200 }, (_, n) => `ticket/${String(n + 1)}`);
  const { gone, unknown } = await parents.look(names);
  t.deepEqual(gone, new Set(names.filter((_, n) => !isOpen(n + 1))));
  t.is(unknown.size, 0);
  t.true(
    asked.every(({ length }) => length <= 1000),
    'as many as one call takes',
  );
  await pool.stop();
  await t.throwsAsync(parents.look(names), { instanceOf: BerthError });
});
