import { openSqliteCollectionStore } from '@berth/storage';
import { fakeClock } from '@berth/testkit';
import test from 'ava';
import type { Ticket } from '../../domain/tickets/index.js';
import { close, fail, makeReady, newTicket, tidy } from '../../domain/tickets/index.js';
import { openTickets } from '../../store/open-tickets.js';
import { forgetTickets } from './forget-tickets.js';

const DAY_MS = 86_400_000;
const SPEC = { owner: 'ann', role: 'user', lab: 'default', tags: ['vm'], sandbox: '', description: '', priority: 50 };
const GRANT = { leaseId: 'l', fencingToken: 1, resource: 'vm_1', data: '' };
const SILENT = { info: () => undefined, warn: () => undefined, error: () => undefined };

test('closed and failed tickets are kept for their time; those that are open, or not given back yet, stay', async (t) => {
  const store = await openSqliteCollectionStore({ dir: ':memory:' });
  t.teardown(() => store.close());
  const { tickets } = await openTickets(store);
  const clock = fakeClock();
  const [old, recent] = [clock.now(), clock.now() + DAY_MS];
  const make = (number: number, change: (ticket: Ticket) => Ticket | undefined): Ticket => {
    const ticket = newTicket(SPEC, number, 'abc', old);
    return change(ticket) ?? ticket;
  };
  const closed = (atMs: number) => (ticket: Ticket) => {
    const over = close(ticket, atMs);
    return over && tidy(over);
  };
  await tickets.insert([
    make(1, closed(old)),
    make(2, closed(recent)),
    make(3, (ticket) => close(ticket, old)),
    make(4, (ticket) => fail(ticket, 'its lease ended', old)),
    make(5, (ticket) => fail(ticket, 'its lease ended', recent)),
    make(6, (ticket) => ticket),
    make(7, (ticket) => makeReady(ticket, GRANT, old)),
  ]);
  const settings = { keepMs: 30 * DAY_MS, requestIdTtlMs: DAY_MS, unknownTags: 'refuse' } as const;
  const left = async () => {
    await forgetTickets({ tickets, clock, settings, logger: SILENT }, new AbortController().signal);
    const { documents } = await tickets.find({ orderBy: { field: 'number' }, limit: 10 });
    return documents.map(({ value }) => value.number);
  };
  clock.advance(30 * DAY_MS - 1);
  t.deepEqual(await left(), [1, 2, 3, 4, 5, 6, 7]);
  clock.advance(2);
  t.deepEqual(await left(), [2, 3, 5, 6, 7]);
  clock.advance(DAY_MS);
  t.deepEqual(await left(), [3, 6, 7]);
});
