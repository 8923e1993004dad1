import { join } from 'node:path';
import type { By } from '@berth/kernel';
import { systemClock } from '@berth/kernel';
import type { CollectionStore } from '@berth/storage';
import { openSqliteCollectionStore } from '@berth/storage';
import { openSqlite } from '../../packages/storage/src/sqlite/driver/open-sqlite.js';
import { RootReplica } from '../../services/booking/src/app/roots/root-replica.js';
import type { Command, CreateBooking } from '../../services/booking/src/domain/model/commands.js';
import type { Entry } from '../../services/booking/src/domain/model/ledger.js';
import { snapshotOf } from '../../services/booking/src/domain/state/snapshot.js';
import { openLedgerCollections } from '../../services/booking/src/store/open-collections.js';
import { StoredLedgers } from '../../services/booking/src/store/stored-ledgers.js';
import type { BenchEntry } from './booking-entries.js';
import { benchEntries, GRANTED, HOUR_MS, YEAR_HOURS } from './booking-entries.js';

const ROOT = 'default';
const BY: By = { actor: { name: 'bench', kind: 'caller' }, operator: true };
const DAY_MS = 24 * HOUR_MS;
/** How many callers book at the same time. */
const CALLERS = 64;

/** A ledger in an SQLite file, as the booking service keeps it, without the RPCs before it. */
interface Ledger {
  readonly store: CollectionStore;
  readonly ledgers: StoredLedgers;
  readonly replica: RootReplica;
  /** The first instant that is booked. */
  readonly fromMs: number;
  booked: number;
}

/** Stays between jobs, by the folder. */
const opened = new Map<string, Ledger>();

async function openLedger(dir: string): Promise<Ledger> {
  let ledger = opened.get(dir);
  // The whole year lies ahead; on full hours, so that bookings touch each other.
  if (ledger === undefined)
    opened.set(dir, (ledger = await makeLedger(dir, Math.ceil(Date.now() / DAY_MS + 1) * DAY_MS)));
  return ledger;
}

/** Makes a ledger in which a year is granted. */
async function makeLedger(dir: string, fromMs: number): Promise<Ledger> {
  const store = await openSqliteCollectionStore({ dir });
  const ledgers = new StoredLedgers(await openLedgerCollections(store));
  await ledgers.add(ROOT);
  const ledger = { store, ledgers, replica: newReplica(ledgers), fromMs, booked: 0 };
  await ledger.replica.submit(grantAll(fromMs), () => undefined);
  return ledger;
}

function newReplica(ledgers: StoredLedgers): RootReplica {
  const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };
  return new RootReplica(ROOT, { ledgers, clock: systemClock(false), logger: quiet, failpoint: () => undefined });
}

function grantAll(startMs: number): Command {
  const endMs = startMs + YEAR_HOURS * HOUR_MS;
  const grant = { cluster: ROOT, kind: 'CAPACITY', startMs, endMs, amounts: { cores: GRANTED } } as const;
  return {
    kind: 'createGrant',
    id: 'gr-bench',
    grant: { description: '', labels: {}, ...grant },
    by: BY,
    key: keyOf('grant'),
  };
}

function bookingOf({ startMs, endMs, cores }: BenchEntry, number: number): CreateBooking {
  const id = `bk-bench-${String(number).padStart(8, '0')}`;
  const wishes = { owner: 'bench', description: '', labels: {}, priority: 50, whenFull: 'REFUSE' } as const;
  const spans = [{ cluster: ROOT, startMs, endMs, amounts: { cores } }];
  return { kind: 'createBooking', id, wishes, spans, by: BY, key: keyOf(id) };
}

function keyOf(id: string) {
  return { id: `request-${id}`, fingerprint: 'f'.repeat(43) };
}

export interface AdmitJob {
  readonly dir: string;
  /** The ledger has so many bookings before the first one is timed. */
  readonly entries: number;
  readonly count: number;
}

export interface Admitted {
  readonly perSecond: number;
  /** Of this process's processor, a booking. */
  readonly processorMicros: number;
}

/** Books, 64 callers at a time, in a ledger that is filled first. */
export async function admitBookings({ dir, entries, count }: AdmitJob): Promise<Admitted> {
  const ledger = await openLedger(dir);
  if (ledger.booked < entries) await book(ledger, nextBookings(ledger, entries - ledger.booked), 500);
  const commands = nextBookings(ledger, count);
  const began = performance.now();
  const before = process.cpuUsage();
  await book(ledger, commands, CALLERS);
  const { user, system } = process.cpuUsage(before);
  return { perSecond: (1000 * count) / (performance.now() - began), processorMicros: (user + system) / count };
}

/** Bookings that the ledger does not have yet. */
function nextBookings(ledger: Ledger, count: number): readonly CreateBooking[] {
  const first = ledger.booked;
  ledger.booked += count;
  const entries = benchEntries(first + count, ledger.fromMs).slice(first);
  return entries.map((entry, i) => bookingOf(entry, first + i));
}

async function book({ replica }: Ledger, commands: readonly Command[], callers: number): Promise<void> {
  const left = commands.values();
  const caller = async (): Promise<void> => {
    for (let next = left.next(); next.done !== true; next = left.next())
      await replica.submit(next.value, () => undefined);
  };
  await Promise.all(Array.from({ length: callers }, caller));
}

export interface InsertJob {
  readonly dir: string;
  readonly seconds: number;
}

/**
 * The ceiling of admission: a loop with a prepared INSERT, durable one by one, of what the ledger keeps of a booking; in a
 * file of its own on the same disk.
 */
export async function insertEntries({ dir, seconds }: InsertJob): Promise<Admitted> {
  const { ledgers } = await openLedger(dir);
  const entry = (await ledgers.read(ROOT, 1, 1))[0]?.entry;
  if (entry === undefined) throw new Error('the ledger has no booking yet');
  const one: Entry = { ...entry, changes: entry.changes.slice(0, 1), answers: entry.answers.slice(0, 1) };
  const db = openSqlite(join(dir, 'ceiling.db'));
  try {
    db.setPragma('journal_mode', 'WAL');
    db.setPragma('synchronous', 'FULL');
    db.exec('CREATE TABLE IF NOT EXISTS entries (id INTEGER PRIMARY KEY, value TEXT NOT NULL) STRICT');
    const insert = db.prepare('INSERT INTO entries (value) VALUES (?)');
    const began = performance.now();
    const before = process.cpuUsage();
    let count = 0;
    for (; performance.now() - began < seconds * 1000; count += 1) {
      insert.run(JSON.stringify({ ...one, sequence: count }));
    }
    const { user, system } = process.cpuUsage(before);
    return { perSecond: (1000 * count) / (performance.now() - began), processorMicros: (user + system) / count };
  } finally {
    db.close();
  }
}

/** What it costs this process's processor to read all entries of a ledger, and to have its state from them; in ms. */
export async function replayLedger({ dir }: { readonly dir: string }): Promise<{
  readonly readMs: number;
  readonly replayMs: number;
}> {
  const { ledgers } = await openLedger(dir);
  const readMs = await processorMs(async () => {
    for (let after = 0; ;) {
      const entries = await ledgers.read(ROOT, after, 500);
      after = entries.at(-1)?.entry.sequence ?? after;
      if (entries.length < 500) break;
    }
  });
  const replica = newReplica(ledgers);
  const replayMs = await processorMs(() => replica.read(() => undefined));
  await replica.stop();
  return { readMs, replayMs };
}

async function processorMs(work: () => Promise<void>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** Two years ago: what ended then is not kept by default. */
const LONG_AGO_MS = 2 * 366 * DAY_MS;
const KEPT_MS = 400 * DAY_MS;

/**
 * Leaves a data directory in which so many bookings ended longer ago than they are kept: with a snapshot and without the
 * entries before it, as the service leaves it a day later.
 */
export async function fillEnded({ dir, count }: { readonly dir: string; readonly count: number }): Promise<void> {
  const nowMs = Date.now();
  const ledger = await makeLedger(dir, Math.floor((nowMs - LONG_AGO_MS) / DAY_MS) * DAY_MS - YEAR_HOURS * HOUR_MS);
  const { store, ledgers, replica } = ledger;
  // Answers to requests of that time are long forgotten.
  const commands = nextBookings(ledger, count).map((one): CreateBooking => ({
    ...one,
    key: { id: '', fingerprint: '' },
  }));
  await book(ledger, commands, 500);
  const saved = await replica.read((state) => {
    const items = [...snapshotOf(state, nowMs - KEPT_MS)];
    return { items, sequence: state.sequence, mark: replica.mark };
  });
  await ledgers.saveSnapshot(ROOT, saved, saved.items, nowMs);
  await ledgers.trim(ROOT, Infinity, new AbortController().signal);
  await replica.stop();
  await store.close();
}
