import type { RequestKey } from '@berth/kernel';
import { BerthError } from '@berth/kernel';
import { onEachEngine } from '@berth/testkit';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import type { Answer } from './carry-out.js';
import { openDocumentStore } from './document-store.fixture.js';
import type { Insert, MadeByRequest } from './insert-once.js';
import { insertEachOnce, insertOnce, madeBefore } from './insert-once.js';

interface Ticket extends MadeByRequest {
  readonly number: number;
}

const INDEXES = [{ name: 'request', fields: ['request'], unique: true }];

function draft(number: number, requestId = '', fingerprint = `ticket ${String(number)}`): Insert<Ticket> {
  return { key: { id: requestId, fingerprint }, plan: () => ({ id: `t-${String(number)}`, number }) };
}

function refused({ key }: { readonly key: RequestKey }): Insert<Ticket> {
  return { key, plan: () => fail() };
}

function shown(answer: Answer<Ticket>): number | string {
  return 'error' in answer ? answer.error.reason : answer.stored.value.number;
}

onEachEngine(test, (engine, title) => {
  async function openTickets(t: ExecutionContext) {
    const store = await openDocumentStore(t, engine);
    return store.collection<Ticket>({ name: 'tickets', indexes: INDEXES });
  }

  test(title('a repeat adds nothing and is answered with what the request made, as it is now'), async (t) => {
    const tickets = await openTickets(t);
    const [first] = await insertEachOnce(tickets, [draft(1, 'r-1')]);
    const stored = await tickets.get('t-1');
    t.deepEqual(first, { stored });
    t.deepEqual(stored?.value, { id: 't-1', number: 1, request: 'r-1', fingerprint: 'ticket 1' });
    if (stored === undefined) return;
    t.is((await tickets.replace({ ...stored.value, number: 10 }, stored.revision)).outcome, 'replaced');
    const again = draft(2, 'r-1', 'ticket 1');
    const answers = await insertEachOnce(tickets, [again, refused(again), refused(draft(3, 'r-3')), draft(4, 'r-1')]);
    t.deepEqual(answers.map(shown), [10, 10, 'ILLEGAL_TRANSITION', 'REQUEST_ID_REUSED']);
    t.is(await tickets.count(), 1);
    t.is((await madeBefore(tickets, again.key))?.value.number, 10);
    t.is(await madeBefore(tickets, draft(3, 'r-3').key), undefined);
    const error = await t.throwsAsync(madeBefore(tickets, draft(4, 'r-1').key), { instanceOf: BerthError });
    t.is(error.reason, 'REQUEST_ID_REUSED');
  });

  test(title('of repeats at the same moment one makes the document, and all are answered with it'), async (t) => {
    const tickets = await openTickets(t);
    const numbers = Array.from({ length: 8 }, (_, number) => number);
    const made = await Promise.all(numbers.map((number) => insertOnce(tickets, draft(number, 'r-1', 'same'))));
    t.is(await tickets.count(), 1);
    t.is(new Set(made.map(({ value }) => value.number)).size, 1);
  });

  test(title('without a request id each insert makes a document, which keeps no request'), async (t) => {
    const tickets = await openTickets(t);
    const answers = await insertEachOnce(tickets, [draft(1), draft(2), refused(draft(3))]);
    t.deepEqual(answers.map(shown), [1, 2, 'ILLEGAL_TRANSITION']);
    t.deepEqual((await tickets.get('t-1'))?.value, { id: 't-1', number: 1 });
  });
});

function fail(): never {
  throw new BerthError('ILLEGAL_TRANSITION', 'it cannot be made; try another.');
}
