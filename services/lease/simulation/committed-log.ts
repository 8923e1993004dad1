import type { LogEntry } from '@berth/storage';
import type { LeaseEvent } from '../src/domain/events.js';
import type { LabRules } from '../src/domain/model.js';
import { msgpackCodec } from '../src/store/msgpack-codec.js';
import { LogAudit } from './log-audit.js';
import { NaiveLog } from './naive-log.js';
import type { World } from './world.js';

interface Checks {
  readonly audit: LogAudit;
  readonly naive: NaiveLog;
}

/** Checks each entry at the moment when it is committed, by the naive rules and against the store as it is then. */
export class CommittedLog {
  #kept: Checks;
  #copy: Checks;
  readonly #grants = new Set<string>();
  readonly #tokens = new Map<string, number>();

  constructor(
    readonly world: World,
    readonly rules: LabRules,
  ) {
    this.#kept = this.#empty();
    this.#copy = this.#empty();
    world.store.committed = (entry, deadlines) => this.#check(entry, deadlines);
  }

  /** True of a lease that was ever committed with this token. */
  wasGranted(lease: string, token: number): boolean {
    return this.#grants.has(`${lease} ${token}`);
  }

  backUp(): void {
    this.#copy = { audit: this.#kept.audit.copy(), naive: this.#kept.naive.copy() };
  }

  /** The store comes back with its last copy, or with nothing. */
  goBack(all: boolean): void {
    if (all) this.#copy = this.#empty();
    this.#kept = { audit: this.#copy.audit.copy(), naive: this.#copy.naive.copy() };
  }

  #empty(): Checks {
    return { audit: new LogAudit(), naive: new NaiveLog(this.rules) };
  }

  #check({ events: packed, first }: LogEntry, deadlines: ReadonlyMap<string, number>): void {
    const { world } = this;
    const { store, time } = world;
    const events = packed.map((bytes) => msgpackCodec.decodeEvent(bytes));
    for (const event of events) world.note(JSON.stringify(event, brief));
    events.forEach((event, i) => this.#see(event, first + i));
    try {
      this.#kept.audit.check(events, {
        nowMs: time.nowMs,
        deadlines,
        isAlive: (session) => store.isAlive(session),
        isAttached: (requestId, session) =>
          world.serving.some(
            ({ name, calls }) =>
              name === session && [...calls].some((call) => call.requestId === requestId && call.attached),
          ),
      });
      const before = this.#kept.naive.bookedEnds();
      this.#kept.naive.read(events);
      this.#seeEnds(before, this.#kept.naive.bookedEnds());
    } catch (error) {
      world.wrong(error instanceof Error ? error.message : String(error));
    }
  }

  /** Reservations end leases whose holders may learn it too late. */
  #seeEnds(before: ReadonlyMap<string, number>, after: ReadonlyMap<string, number>): void {
    const { history } = this.world;
    for (const [lease, endMs] of after) if (before.get(lease) !== endMs) history.extended(lease, endMs);
    for (const lease of before.keys()) if (!after.has(lease)) history.extended(lease, Infinity);
  }

  #see(event: LeaseEvent, revision: number): void {
    if (event.type === 'LeaseGranted' || event.type === 'LeaseTransferred') {
      this.#grants.add(`${event.type === 'LeaseGranted' ? event.leaseId : event.newLeaseId} ${revision}`);
      for (const name of event.benches ?? []) {
        if (revision <= (this.#tokens.get(name) ?? 0)) this.world.wrong(`the tokens of ${name} do not rise`);
        this.#tokens.set(name, revision);
      }
    }
    if (event.type === 'LeaseExtended') this.world.history.extended(event.leaseId, event.endMs);
    const byOthers = event.type === 'LeaseEnded' && BY_OTHERS.includes(event.reason);
    if (byOthers || event.type === 'LeaseTransferred') this.world.history.revoked(event.leaseId);
  }
}

/** Ends of which a holder may learn later than the next one that it has the bench. */
const BY_OTHERS: readonly string[] = ['REVOKED', 'BENCH_REMOVED', 'BOOKED', 'BOOKING_OVER'];

/** Leaves out what says little about an event. */
function brief(key: string, value: unknown): unknown {
  const isLong = ['fingerprint', 'actor', 'message', 'named', 'description', 'affinity', 'labels', 'entities'].includes(
    key,
  );
  return isLong || value === '' ? undefined : value;
}
