// Counters in a collection of a store in memory, and commands that add to them.
import type { Answered, KeepsAnswers } from '@berth/kernel';
import { BerthError } from '@berth/kernel';
import type { Collection } from '@berth/storage';
import { openSqliteCollectionStore } from '@berth/storage';
import type { FakeClock } from '@berth/testkit';
import { fakeClock } from '@berth/testkit';
import type { ExecutionContext } from 'ava';
import type { Command, CommandOptions } from './carry-out.js';
import type { EarlierAnswer } from './earlier-answers.js';
import { EarlierAnswers } from './earlier-answers.js';

export interface Counter extends KeepsAnswers {
  readonly id: string;
  readonly updateMs: number;
  /** What was added, in order. */
  readonly added: readonly string[];
  readonly answered?: readonly Answered[];
}

export interface Counters {
  readonly clock: FakeClock;
  readonly counters: Collection<Counter>;
  readonly moved: Collection<EarlierAnswer<'counter'>>;
  readonly earlier: EarlierAnswers<'counter'>;
  readonly options: CommandOptions;
}

export async function openCounters(t: ExecutionContext, ids: readonly string[]): Promise<Counters> {
  const clock = fakeClock();
  const store = await openSqliteCollectionStore({ dir: ':memory:' });
  t.teardown(() => store.close());
  const indexes = [
    { name: 'answered', fields: ['answeredIds'], unique: true },
    { name: 'updated', fields: ['updateMs'] },
  ];
  const counters = await store.collection<Counter>({ name: 'counters', indexes });
  const moved = await store.collection<EarlierAnswer<'counter'>>({ name: 'moved', indexes: [] });
  await counters.insert(ids.map((id) => ({ id, updateMs: clock.now(), added: [] })));
  const earlier = new EarlierAnswers(moved, 'counter');
  const options = { nowMs: clock.now(), keepAnswersMs: 86_400_000, notFound, earlier };
  return { clock, counters, moved, earlier, options };
}

export function add(id: string, what: string, requestId = ''): Command<Counter> {
  const plan: Command<Counter>['plan'] = ({ value }) => ({ ...value, added: [...value.added, what] });
  return { id, key: { id: requestId, fingerprint: `${id} ${what}` }, plan };
}

export function notFound(id: string): BerthError {
  return new BerthError('NO_SUCH_ALLOCATION', `there is no counter '${id}'; list them.`);
}

/** A collection of which some methods are others. */
export function hooked(collection: Collection<Counter>, hooks: Partial<Collection<Counter>>): Collection<Counter> {
  return {
    get: (id) => collection.get(id),
    getMany: (ids) => collection.getMany(ids),
    insert: (documents) => collection.insert(documents),
    replace: (document, expected) => collection.replace(document, expected),
    replaceMany: (writes) => collection.replaceMany(writes),
    remove: (id, expected) => collection.remove(id, expected),
    find: (query) => collection.find(query),
    count: (where) => collection.count(where),
    ...hooks,
  };
}
