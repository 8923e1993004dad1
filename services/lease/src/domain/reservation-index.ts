import { clearMsFor, endMsOf } from './booked-time.js';
import type { Change } from './change.js';
import type { DemandIndex } from './demand-index.js';
import type { Bench, GoneReservation, Lease, Reservation } from './entities.js';
import type { LeaseEvent } from './events.js';
import type { Journal } from './journal.js';
import { RankedQueue } from './ranked-queue.js';

type Of<T extends LeaseEvent['type']> = Extract<LeaseEvent, { type: T }>;

/** What of a lab's state reservations act on. */
interface Lab {
  readonly journal: Journal;
  readonly demands: DemandIndex;
  readonly benches: ReadonlyMap<string, Bench>;
}

/** The reservations of a lab, and what follows from them for its benches and leases. Changed by LabState only. */
export class ReservationIndex {
  readonly #byId = new Map<string, Reservation>();
  /** By name of the bench, which need not be there; each in order of starts. */
  readonly #calendars = new Map<string, readonly Reservation[]>();
  readonly #gone = new Map<string, GoneReservation>();
  /** By when they start or, once they have started, end: the soonest first; of the same moment those first that end. */
  readonly #due = new RankedQueue<Reservation>();

  constructor(private readonly lab: Lab) {}

  get size(): number {
    return this.#byId.size;
  }

  /** The one that starts or ends next. */
  get next(): Reservation | undefined {
    return this.#due.first();
  }

  get(id: string): Reservation | undefined {
    return this.#byId.get(id);
  }

  all(): Iterable<Reservation> {
    return this.#byId.values();
  }

  /** What is known of one that is there no more, as long as late puts of it may come. */
  gone(id: string): GoneReservation | undefined {
    return this.#gone.get(id);
  }

  allGone(): Iterable<readonly [string, GoneReservation]> {
    return this.#gone;
  }

  /** The reservations of a bench, there or not, in order of starts. */
  calendarOf(bench: string): readonly Reservation[] {
    return this.#calendars.get(bench) ?? NONE;
  }

  put(event: Of<'ReservationPut'>, revision: number): Change[] {
    const { id, version, benches, owners, startMs, endMs, leadsMs = {}, atMs } = event;
    const before = this.#byId.get(id);
    const started = before?.started === true && startMs <= atMs;
    return this.#replace(before, {
      id,
      version,
      benches,
      owners,
      startMs,
      endMs,
      leadsMs,
      latestMs: Math.max(endMs, before?.latestMs ?? 0, this.#gone.get(id)?.untilMs ?? 0),
      started,
      used: before?.used ?? false,
      score: started ? endMs : startMs,
      order: started ? -revision : revision,
    });
  }

  start(id: string): Change[] {
    const reservation = this.#known(id);
    const { journal } = this.lab;
    this.#leaveDue(reservation);
    journal.set(reservation, 'started', true);
    journal.set(reservation, 'score', reservation.endMs);
    journal.set(reservation, 'order', -reservation.order);
    this.#joinDue(reservation);
    return [{ kind: 'reservationPut', reservation }, ...this.#refresh(reservation.benches)];
  }

  /** A lease was granted that spends it. */
  use(id: string): Change[] {
    const reservation = this.#known(id);
    if (reservation.used) return [];
    this.lab.journal.set(reservation, 'used', true);
    return [{ kind: 'reservationPut', reservation }];
  }

  end({ id, reason, version, untilMs, atMs }: Of<'ReservationGone'>): Change[] {
    const { journal } = this.lab;
    for (const [known, { untilMs: untilThen }] of this.#gone) if (untilThen <= atMs) journal.delete(this.#gone, known);
    if (untilMs > atMs) journal.put(this.#gone, id, { version, untilMs });
    const before = this.#byId.get(id);
    const changes = this.#replace(before, undefined);
    return before === undefined ? [] : [{ kind: 'reservationGone', id, reason, version: before.version }, ...changes];
  }

  /** Puts one of a snapshot into place. */
  restore(reservation: Reservation): void {
    this.#replace(undefined, reservation);
  }

  restoreGone(id: string, gone: GoneReservation): void {
    this.#gone.set(id, gone);
  }

  /** Tells a bench that comes of its reservations. Before it is held against demands. */
  attach(bench: Bench): void {
    const calendar = this.calendarOf(bench.spec.name);
    bench.calendar = calendar;
    bench.booked = calendar.find(({ started }) => started);
    bench.clearMs = soonestOf(bench, calendar);
  }

  /** One in place of another, of the same booking. */
  #replace(before: Reservation | undefined, after: Reservation | undefined): Change[] {
    const { journal } = this.lab;
    const id = after?.id ?? before?.id ?? '';
    if (before !== undefined) {
      this.#leaveDue(before);
      journal.delete(this.#byId, id);
    }
    if (after !== undefined) {
      journal.put(this.#byId, id, after);
      this.#joinDue(after);
    }
    const names = new Set([...(before?.benches ?? []), ...(after?.benches ?? [])]);
    for (const name of names) {
      const others = this.calendarOf(name).filter((one) => one !== before);
      const mine = after?.benches.includes(name) === true ? [after] : [];
      const calendar = [...others, ...mine].sort((a, b) => a.startMs - b.startMs);
      if (calendar.length > 0) journal.put(this.#calendars, name, calendar);
      else journal.delete(this.#calendars, name);
      const bench = this.lab.benches.get(name);
      if (bench !== undefined) this.#setCalendar(bench, calendar, id);
    }
    const put: Change[] = after === undefined ? [] : [{ kind: 'reservationPut', reservation: after }];
    return [...put, ...this.#refresh(names)];
  }

  #setCalendar(bench: Bench, calendar: readonly Reservation[], booking: string): void {
    const before = bench.calendar;
    const set = (to: readonly Reservation[]) => (): void => {
      bench.calendar = to;
      this.lab.demands.rematch(booking, bench);
    };
    this.lab.journal.run(set(calendar), set(before));
  }

  /** Derives again what follows from the calendars of benches: whose time it is, and when their leases end. */
  #refresh(names: Iterable<string>): Change[] {
    const { journal, benches } = this.lab;
    const leases = new Set<Lease>();
    for (const name of names) {
      const bench = benches.get(name);
      if (bench === undefined) continue;
      const { calendar } = bench;
      this.#setBooked(
        bench,
        calendar.find(({ started }) => started),
      );
      journal.set(bench, 'clearMs', soonestOf(bench, calendar));
      if (bench.lease !== undefined) leases.add(bench.lease);
    }
    const changed = [...leases].filter((lease) => {
      const endMs = endMsOf(lease.benches, lease.spec.booking ?? '', lease.ownEndMs);
      if (endMs === lease.endMs) return false;
      journal.set(lease, 'endMs', endMs);
      return true;
    });
    return changed.map((lease) => ({ kind: 'leasePut', lease }));
  }

  #setBooked(bench: Bench, booked: Reservation | undefined): void {
    const before = bench.booked;
    if (before === booked) return;
    const set = (to: Reservation | undefined) => (): void => {
      this.lab.demands.around(bench, () => {
        bench.booked = to;
      });
    };
    this.lab.journal.run(set(booked), set(before));
  }

  #joinDue(reservation: Reservation): void {
    this.lab.journal.run(
      () => {
        this.#due.add(reservation);
      },
      () => {
        this.#due.remove(reservation);
      },
    );
  }

  #leaveDue(reservation: Reservation): void {
    this.lab.journal.run(
      () => {
        this.#due.remove(reservation);
      },
      () => {
        this.#due.add(reservation);
      },
    );
  }

  #known(id: string): Reservation {
    const reservation = this.#byId.get(id);
    if (reservation === undefined) throw new Error(`no reservation ${id}`);
    return reservation;
  }
}

const NONE: readonly Reservation[] = [];

/** When a bench must be clear for the first of its reservations that have not started; Infinity = there is none. */
function soonestOf({ spec }: Bench, calendar: readonly Reservation[]): number {
  let soonestMs = Infinity;
  for (const one of calendar) if (!one.started) soonestMs = Math.min(soonestMs, clearMsFor(one, spec.name));
  return soonestMs;
}
