import type { Answered, KeepsAnswers } from '@berth/kernel';
import { BerthError } from '@berth/kernel';
import { onEachEngine } from '@berth/testkit';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import type { Command, CommandOptions } from './carry-out.js';
import { carryOut, carryOutOne } from './carry-out.js';
import { openDocumentStore } from './document-store.fixture.js';
import { insertEachOnce, insertOnce, madeBefore } from './insert-once.js';
import type { Insert, MadeByRequest } from './insert-once.js';

/** A ticket with a number that no other one has. */
interface Ticket extends MadeByRequest, KeepsAnswers {
  readonly number: number;
  readonly answered?: readonly Answered[];
}

const INDEXES = [
  { name: 'request', fields: ['request'], unique: true },
  { name: 'answered', fields: ['answeredIds'], unique: true },
  { name: 'number', fields: ['number'], unique: true },
];

const OPTIONS: CommandOptions = { nowMs: 0, keepAnswersMs: 86_400_000, notFound: () => refusal('there is none') };

/** Numbers from `first` on: the next one whenever one is taken. */
function numbersFrom(first: number) {
  const asked: string[] = [];
  const taken = (index: string) => void asked.push(index);
  return { asked, next: () => first + asked.length, taken };
}

function draft(id: string, number: () => number, requestId = ''): Insert<Ticket> {
  return { key: { id: requestId, fingerprint: id }, plan: () => ({ id, number: number() }) };
}

function renumber(id: string, number: () => number, requestId: string): Command<Ticket> {
  return { id, key: { id: requestId, fingerprint: id }, plan: ({ value }) => ({ ...value, number: number() }) };
}

onEachEngine(test, (engine, title) => {
  async function openTickets(t: ExecutionContext) {
    const store = await openDocumentStore(t, engine);
    return store.collection<Ticket>({ name: 'tickets', indexes: INDEXES });
  }

  test(title('inserts that race for numbers are planned again until each has one of its own'), async (t) => {
    const tickets = await openTickets(t);
    const ids = Array.from({ length: 8 }, (_, i) => `t-${String(i)}`);
    const made = await Promise.all(
      ids.map((id) => {
        const { next, taken } = numbersFrom(1);
        return insertOnce(tickets, draft(id, next, `r-${id}`), taken);
      }),
    );
    const numbers = made.map(({ value }) => value.number).sort((a, b) => a - b);
    t.deepEqual(numbers, [1, 2, 3, 4, 5, 6, 7, 8]);
  });

  test(title('a repeat of an insert takes no further number'), async (t) => {
    const tickets = await openTickets(t);
    const { next, taken, asked } = numbersFrom(1);
    await insertOnce(tickets, draft('a', next, 'r-a'), taken);
    t.is((await insertOnce(tickets, draft('a', next, 'r-a'), taken)).value.number, 1);
    const other = { ...draft('b', next, 'r-a'), key: { id: 'r-a', fingerprint: 'b' } };
    const error = await t.throwsAsync(insertOnce(tickets, other, taken), { instanceOf: BerthError });
    t.is(error.reason, 'REQUEST_ID_REUSED');
    t.deepEqual(asked, []);
    t.is(await tickets.count(), 1);
  });

  test(title('what a taken number means is said by the caller, of inserts and of commands'), async (t) => {
    const tickets = await openTickets(t);
    await insertEachOnce(tickets, [draft('a', () => 1, 'r-a'), draft('b', () => 2, 'r-b')]);
    const one = () => 1;
    const taken = (index: string) => refusal(`${index} is taken`);
    const message = 'number is taken';
    await t.throwsAsync(insertOnce(tickets, draft('c', one, 'r-c'), taken), { message });
    await t.throwsAsync(carryOutOne(tickets, renumber('b', one, 'r-2'), { ...OPTIONS, taken }), { message });
    t.is(await madeBefore(tickets, { id: 'r-c', fingerprint: 'c' }), undefined);
    // A caller that does not say is at fault; its caller's request id is not.
    await t.throwsAsync(insertOnce(tickets, draft('c', one)), { message: /unique index 'number'/ });
    await t.throwsAsync(carryOutOne(tickets, renumber('b', one, 'r-2'), OPTIONS), { message: /unique index 'number'/ });
    t.is((await tickets.get('b'))?.value.number, 2);
  });

  test(
    title('a command whose number is taken is planned again; a request id of another document is refused'),
    async (t) => {
      const tickets = await openTickets(t);
      await insertEachOnce(tickets, [draft('a', () => 1), draft('b', () => 2), draft('c', () => 3)]);
      const { next, taken, asked } = numbersFrom(1);
      const answers = await carryOut(tickets, [renumber('c', next, 'r-1')], { ...OPTIONS, taken });
      t.deepEqual(answers, [{ stored: await tickets.get('c') }]);
      t.deepEqual([(await tickets.get('c'))?.value.number, asked], [3, ['number', 'number']]);
      const reused = carryOutOne(
        tickets,
        renumber('b', () => 9, 'r-1'),
        { ...OPTIONS, taken },
      );
      t.is((await t.throwsAsync(reused, { instanceOf: BerthError })).reason, 'REQUEST_ID_REUSED');
      t.is(asked.length, 2);
    },
  );
});

function refusal(message: string): BerthError {
  return new BerthError('ILLEGAL_TRANSITION', message);
}
