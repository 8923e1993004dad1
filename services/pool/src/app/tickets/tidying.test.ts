import { openSqliteCollectionStore } from '@berth/storage';
import { fakeClock } from '@berth/testkit';
import { turn } from '@berth/testkit/seeded';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import type { Ticket } from '../../domain/tickets/index.js';
import { close, newTicket } from '../../domain/tickets/index.js';
import { openTickets } from '../../store/open-tickets.js';
import { Tidying } from './tidying.js';

const SPEC = { owner: 'ann', role: 'user', lab: 'default', tags: ['vm'], sandbox: '', description: '', priority: 50 };

function ticket(number: number): Ticket {
  return newTicket(SPEC, number, 'abc', 0);
}

async function openScene(t: ExecutionContext) {
  const store = await openSqliteCollectionStore({ dir: ':memory:' });
  t.teardown(() => store.close());
  const { tickets } = await openTickets(store);
  await tickets.insert([close(ticket(1), 0) ?? ticket(1), close(ticket(2), 0) ?? ticket(2), ticket(3)]);
  const clock = fakeClock();
  const [warned, writes]: [string[], number[]] = [[], []];
  const replaceMany = tickets.replaceMany.bind(tickets);
  tickets.replaceMany = (all) => {
    writes.push(all.length);
    return replaceMany(all);
  };
  const warn = (_: object, what: string) => void warned.push(what);
  const logger = { info: () => undefined, warn, error: () => undefined };
  const tidying = new Tidying({ tickets, clock, logger, requestIdTtlMs: 1000 });
  const untidy = async () => {
    const untidyOnes = { where: { untidyLab: 'default' }, orderBy: { field: 'number' }, limit: 10 };
    const { documents } = await tickets.find(untidyOnes);
    return documents.map(({ value }) => value.number);
  };
  return { tickets, clock, tidying, untidy, warned, writes };
}

test('that closed tickets are given back is noted in one write, a second later', async (t) => {
  const { clock, tidying, untidy, writes } = await openScene(t);
  for (const id of ['1', '2', '1', '7']) tidying.note(id);
  clock.advance(999);
  await turn();
  t.deepEqual([await untidy(), writes], [[1, 2], []]);
  clock.advance(1);
  for (let turns = 0; turns < 10; turns += 1) await turn();
  t.deepEqual([await untidy(), writes], [[], [2]]);
});

test('what was noted is written at the stop, and nothing is noted after it', async (t) => {
  const { clock, tidying, untidy, writes } = await openScene(t);
  tidying.note('1');
  await tidying.stop();
  t.deepEqual([await untidy(), writes], [[2], [1]]);
  tidying.note('2');
  clock.advance(2000);
  await turn();
  t.deepEqual(await untidy(), [2]);
});

test('a store that is away costs the note alone', async (t) => {
  const { tickets, tidying, warned } = await openScene(t);
  tickets.getMany = () => Promise.reject(new Error('it does not answer'));
  tidying.note('1');
  await tidying.stop();
  t.deepEqual(warned, ['closed tickets could not be noted as given back; they are given back once more']);
});
