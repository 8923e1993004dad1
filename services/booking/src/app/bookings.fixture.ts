// The use cases of Booking on a store of a test's own, with a clock that stands still and a lab in memory.
import type { Failpoint } from '@berth/kernel';
import type { CollectionStore } from '@berth/storage';
import { openMongoCollectionStore, openSqliteCollectionStore } from '@berth/storage';
import type { DocumentEngine, FakeClock } from '@berth/testkit';
import { fakeClock, mongoDatabase } from '@berth/testkit';
import type { ExecutionContext } from 'ava';
import { pino } from 'pino';
import { temporalCalendar } from '../calendar/temporal-calendar.js';
import type { LabClient } from '../ports/lab-client.js';
import type { Ledgers } from '../ports/ledger.js';
import { noLabs } from '../remote/no-labs.js';
import { openLedgerCollections, openListCollections } from '../store/open-collections.js';
import { StoredLedgers } from '../store/stored-ledgers.js';
import type { BookingUses, CapacityUses } from './booking-app.js';
import type { BookingContext } from './booking-context.js';
import { contextOf } from './booking-context.js';
import { bookingUses } from './booking-uses.js';
import type { BookingInput, Call, GrantInput, SpanInput, TakeInput } from './inputs.js';

export const DAY_MS = 86_400_000;
export const HOUR_MS = 3_600_000;

export interface TestBookings {
  readonly store: CollectionStore;
  readonly context: BookingContext;
  readonly uses: BookingUses & CapacityUses;
  readonly clock: FakeClock;
}

export interface BookingsOptions {
  readonly clock?: FakeClock;
  readonly labs?: LabClient;
  readonly failpoint?: Failpoint;
  /** What is seen instead of the ledgers of the store. */
  readonly seen?: (ledgers: Ledgers) => Ledgers;
}

/** A store that is closed with the test. */
export async function openStore(t: ExecutionContext, engine: DocumentEngine): Promise<CollectionStore> {
  const store =
    engine === 'sqlite'
      ? await openSqliteCollectionStore({ dir: ':memory:' })
      : await openMongoCollectionStore({ ...mongoDatabase(t), answerWithinMs: 60_000, selectWithinMs: 30_000 });
  t.teardown(() => store.close());
  return store;
}

/** A replica of the booking service on a store, without its workers; stopped with the test. */
export async function openBookings(
  t: ExecutionContext,
  store: CollectionStore,
  options: BookingsOptions = {},
): Promise<TestBookings> {
  const {
    clock = fakeClock(),
    labs = noLabs(),
    failpoint = () => undefined,
    seen = (ledgers: Ledgers) => ledgers,
  } = options;
  const context = contextOf({
    ledgers: seen(new StoredLedgers(await openLedgerCollections(store))),
    lists: await openListCollections(store),
    labs,
    calendar: temporalCalendar(),
    clock,
    logger: pino({ level: 'silent' }),
    failpoint,
    settings: {
      keepMs: 400 * DAY_MS,
      snapshotEveryEntries: 10,
      compareMs: 60_000,
      benchReleaseMs: 1_800_000,
      noticeMs: 0,
      limits: new Map(),
    },
  });
  await context.roots.start();
  t.teardown(() => context.roots.stop());
  return { store, context, uses: bookingUses(() => context), clock };
}

/** A call of an operator; with an id it can be repeated. */
export function operator(id = '', fingerprint = 'same'): Call {
  return { key: { id, fingerprint }, by: { actor: { name: 'op', kind: 'caller' }, operator: true }, role: 'operator' };
}

export function user(name: string, id = ''): Call {
  return { key: { id, fingerprint: 'same' }, by: { actor: { name, kind: 'caller' }, operator: false }, role: 'user' };
}

/** A grant of cores on the default cluster. */
export function grantOf(cores: number, startMs: number, endMs: number): GrantInput {
  return {
    kind: 'capacity',
    cluster: 'default',
    amounts: { cores },
    benches: [],
    range: rangeOf(startMs, endMs, 'grant.range'),
    description: '',
    labels: {},
  };
}

/** A booking of cores on the default cluster. */
export function bookingOf(
  cores: number,
  startMs: number,
  endMs: number,
  more: Partial<BookingInput> = {},
): BookingInput {
  return bookingWith({ kind: 'amounts', amounts: { cores } }, startMs, endMs, more);
}

/** A booking of benches of the lab 'default'. */
export function benchBooking(
  names: readonly string[],
  startMs: number,
  endMs: number,
  more: Partial<BookingInput> = {},
): BookingInput {
  return bookingWith({ kind: 'benches', lab: '', names, requirements: [] }, startMs, endMs, more);
}

function bookingWith(take: TakeInput, startMs: number, endMs: number, more: Partial<BookingInput>): BookingInput {
  const path = 'booking.spans[0]';
  const span: SpanInput = { cluster: '', range: rangeOf(startMs, endMs, `${path}.range`), take, path };
  return { spans: [span], owner: '', description: '', labels: {}, whenFull: 'refuse', ...more };
}

function rangeOf(startMs: number, endMs: number, path: string): SpanInput['range'] {
  return { start: { atMs: startMs }, end: { atMs: endMs }, zone: '', path };
}
