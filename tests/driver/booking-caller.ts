import type { Berth } from '@berth/client';
import { BerthError, Grain, toTimeRange } from '@berth/client';
import type { SeededRandom } from '@berth/testkit';
import { unlessAway } from './until-answered.js';

export const DAY_MS = 86_400_000;
/** The days that are booked, and how much there is on each. */
export const DAYS = 12;
export const CORES = 10;

export interface Booked {
  readonly id: string;
  /** Days from the first one on. */
  readonly from: number;
  readonly until: number;
  readonly cores: number;
}

type Asked =
  | { readonly what: 'book'; readonly requestId: string; readonly wanted: Omit<Booked, 'id'> }
  | { readonly what: 'cancel'; readonly requestId: string; readonly booked: Booked };

/** Midnight of the first of the days, which lie ahead of every test. */
export function firstDayMs(): number {
  return (Math.floor(Date.now() / DAY_MS) + 2) * DAY_MS;
}

/** Grants the cores of all days. */
export async function grantDays(berth: Berth, firstMs: number): Promise<void> {
  const range = toTimeRange(new Date(firstMs), new Date(firstMs + DAYS * DAY_MS));
  await berth.capacity.createGrant({ grant: { range, amounts: { cores: CORES } }, requestId: 'grant' });
}

/**
 * A client that books days and cancels some of what it has, over servers that are killed again and again. What was cut off
 * it asks again, with the same request id, and it remembers everything that was acknowledged.
 */
export class BookingCaller {
  readonly booked = new Map<string, Booked>();
  refused = 0;
  acknowledged = 0;
  /** What was asked and has no answer yet. */
  #open: Asked | undefined;
  #count = 0;

  constructor(
    private readonly name: string,
    private readonly firstMs: number,
    private readonly random: SeededRandom,
  ) {}

  /** The booking that may be cancelled by now; '' = none. */
  get cancelling(): string {
    return this.#open?.what === 'cancel' ? this.#open.booked.id : '';
  }

  /** Whether it waits for the answer to a booking. */
  get isBooking(): boolean {
    return this.#open?.what === 'book';
  }

  /** Books and cancels by the servers that `next` gives, until it gives none. What is open stays for later. */
  async work(next: () => Berth | undefined): Promise<void> {
    for (let berth = next(); berth !== undefined; berth = next()) {
      this.#open ??= this.#ask();
      await this.settle(berth).catch(unlessAway);
    }
  }

  /** Gets the answer to what is open. Throws when the server is away. */
  async settle(berth: Berth): Promise<void> {
    const asked = this.#open;
    if (asked === undefined) return;
    if (asked.what === 'cancel') {
      await berth.bookings.cancelBooking({ id: asked.booked.id, requestId: asked.requestId });
      this.booked.delete(asked.booked.id);
    } else await this.#book(berth, asked.requestId, asked.wanted);
    this.acknowledged += 1;
    this.#open = undefined;
  }

  async #book(berth: Berth, requestId: string, wanted: Omit<Booked, 'id'>): Promise<void> {
    const { from, until, cores } = wanted;
    const range = toTimeRange(new Date(this.firstMs + from * DAY_MS), new Date(this.firstMs + until * DAY_MS));
    try {
      const spans = [{ range, amounts: { cores } }];
      const { booking } = await berth.bookings.createBooking({ booking: { spans }, requestId });
      const id = booking?.id ?? '';
      this.booked.set(id, { id, ...wanted });
    } catch (error) {
      if (!(error instanceof BerthError) || error.reason !== 'NO_CAPACITY') throw error;
      this.refused += 1;
    }
  }

  #ask(): Asked {
    const { random } = this;
    const requestId = `${this.name}-${String((this.#count += 1))}`;
    const own = [...this.booked.values()];
    if (own.length > 0 && random.chance(0.4)) return { what: 'cancel', requestId, booked: random.pick(own) };
    const from = random.int(DAYS - 1);
    return {
      what: 'book',
      requestId,
      wanted: { from, until: from + 1 + random.int(Math.min(4, DAYS - from)), cores: 1 + random.int(4) },
    };
  }
}

/** What is wrong with the calendar of the days, and with what callers were told; empty = nothing. */
export async function faultsOf(
  berth: Berth,
  firstMs: number,
  callers: readonly BookingCaller[],
): Promise<readonly string[]> {
  const faults: string[] = [];
  const range = toTimeRange(new Date(firstMs), new Date(firstMs + DAYS * DAY_MS));
  const { blocks } = await berth.bookings.getAvailability({
    range,
    calendar: { grain: Grain.DAY },
    amounts: ['cores'],
  });
  const { bookings } = await berth.bookings.listBookings({ pageSize: 1000 });
  const there = new Map(bookings.map((booking) => [booking.id, booking]));
  const told = callers.flatMap(({ booked, cancelling }) => [...booked.values()].filter(({ id }) => id !== cancelling));
  for (const { id } of told) if (!there.has(id)) faults.push(`${id} was acknowledged and is not there`);
  if (callers.every(({ isBooking, cancelling }) => !isBooking && cancelling === '') && told.length !== there.size) {
    faults.push(`${String(there.size)} bookings are there, ${String(told.length)} were acknowledged`);
  }
  for (const [day, { amounts }] of blocks.entries()) {
    const { worst = Number.NaN, booked = Number.NaN } = amounts[0]?.firm ?? {};
    const atMs = firstMs + day * DAY_MS;
    const taken = bookings.flatMap(({ spans }) => spans).filter(({ interval }) => covers(interval, atMs));
    const sum = taken.reduce((all, span) => all + (span.taken['cores'] ?? 0), 0);
    if (!(worst >= 0)) faults.push(`day ${String(day)} has ${String(worst)} left`);
    if (booked !== sum || worst !== CORES - sum)
      faults.push(`day ${String(day)}: ${String(booked)} booked, not ${String(sum)}`);
  }
  if (blocks.length !== DAYS) faults.push(`${String(blocks.length)} days`);
  return faults;
}

function covers(
  interval: { startTime: Date | undefined; endTime: Date | undefined } | undefined,
  atMs: number,
): boolean {
  const { startTime, endTime } = interval ?? {};
  return startTime !== undefined && endTime !== undefined && startTime.getTime() <= atMs && atMs < endTime.getTime();
}
