import type { Bench, Berth, BerthCallOptions } from '@berth/client';
import { BerthError, ConditionState } from '@berth/client';
import { BerthError as KernelError } from '@berth/kernel';
import { Requirement } from '@berth/proto/berth/lease/v1/bench';
import type { Reservation as ToldReservation } from '@berth/proto/berth/lease/v1/reservation';
import { kernelError } from '@berth/server';
import type { Refusal } from '../domain/model/booking.js';
import type { LabBench, LabClient, LabReservation, LabView, MatchingBench } from '../ports/lab-client.js';

const CALL: BerthCallOptions = { timeoutMs: 10_000 };
const PAGE = 1000;
const INVENTORY = 'inventory';
/** What a lab refuses a reservation with; anything else means that it was not asked. */
const REFUSALS: ReadonlySet<string> = new Set([
  'NO_SUCH_BENCH',
  'NO_SUCH_LAB',
  'BENCH_BOOKED',
  'BENCH_HELD',
  'BENCH_UNAVAILABLE',
  'INVALID_FIELD',
]);
/** What of a change says that benches or reservations are not what they were. */
const TELLING: ReadonlySet<string> = new Set(['benchPut', 'benchRemoved', 'reservationPut', 'reservationGone']);

interface Paged {
  readonly nextPageToken: string;
}

/** Labs on the lease service that `connected` gives a client of, as an operator. */
export function labClient(connected: () => Promise<Berth>): LabClient {
  async function call<T>(act: (berth: Berth) => Promise<T>): Promise<T> {
    try {
      return await act(await connected());
    } catch (error) {
      throw error instanceof BerthError ? kernelError(error) : error;
    }
  }

  /** Everything of a list. */
  async function all<R extends Paged, T>(read: (berth: Berth, pageToken: string) => Promise<R>, of: (page: R) => T[]) {
    const found: T[] = [];
    for (let pageToken = ''; ;) {
      const token = pageToken;
      const page = await call((berth) => read(berth, token));
      found.push(...of(page));
      pageToken = page.nextPageToken;
      if (pageToken === '') return found;
    }
  }

  return {
    async look(lab): Promise<LabView | undefined> {
      try {
        const benches = await all(
          ({ inventory }, pageToken) => inventory.listBenches({ lab, pageSize: PAGE, pageToken }, CALL),
          (page) => page.benches,
        );
        const reservations = await all(
          ({ lease }, pageToken) => lease.listReservations({ lab, pageSize: PAGE, pageToken }, CALL),
          (page) => page.reservations,
        );
        return { benches: benches.filter(isOfInventory).map(benchOf), reservations: reservations.map(reservationOf) };
      } catch (error) {
        if (error instanceof KernelError && error.reason === 'NO_SUCH_LAB') return undefined;
        throw error;
      }
    },

    async *changes(lab, signal) {
      const berth = await connected();
      try {
        for await (const { snapshot, changes, more } of berth.watch({ lab, signal })) {
          if (snapshot ? !more : changes.some(({ kind }) => TELLING.has(kind?.$case ?? ''))) yield;
        }
      } catch (error) {
        throw error instanceof BerthError ? kernelError(error) : error;
      }
    },

    async matching(lab, requirement): Promise<readonly MatchingBench[]> {
      // How many is for Booking to say.
      const { count: _, ...wanted } = Requirement.fromPartial(requirement as object);
      const benches = await all(
        ({ inventory }, pageToken) =>
          inventory.listBenches({ lab, pageSize: PAGE, pageToken, requirement: wanted }, CALL),
        (page) => page.benches,
      );
      const attributes = new Set(attributesOf(wanted));
      return benches.filter(isOfInventory).map((bench) => {
        const weights = bench.attributes.filter(({ name }) => attributes.has(name));
        const weight = weights.reduce((sum, attribute) => sum + attribute.weight, 0);
        return { bench: bench.name, weight, ready: bench.condition?.state === ConditionState.READY };
      });
    },

    async put(lab, { startMs, endMs, benches, owners, ...rest }, force) {
      const times = { startTime: new Date(startMs), endTime: new Date(endMs) };
      const reservation = { ...times, benches: [...benches], owners: [...owners], ...rest };
      try {
        const { current } = await call(({ lease }) => lease.putReservation({ lab, reservation, force }, CALL));
        return current ? 'taken' : 'old';
      } catch (error) {
        if (error instanceof KernelError && REFUSALS.has(error.reason)) return refusalOf(error);
        throw error;
      }
    },

    async free(lab, { id, version, endMs, ifUnused }) {
      try {
        const endTime = new Date(endMs);
        const request = { lab, id, version, ifUnused, endTime };
        return (await call(({ lease }) => lease.deleteReservation(request, CALL))).deleted;
      } catch (error) {
        // A lab that is gone has nothing reserved.
        if (error instanceof KernelError && error.reason === 'NO_SUCH_LAB') return true;
        throw error;
      }
    },
  };
}

/** The attributes that a requirement asks for, also in the text of a query. */
function attributesOf({ attributes, query }: Pick<Requirement, 'attributes' | 'query'>): readonly string[] {
  const inQuery = /(?:^|&)attributes=\[([^\]]*)\]/.exec(query)?.[1] ?? '';
  return [...attributes, ...inQuery.split(',').map((name) => name.trim())];
}

function isOfInventory({ origin }: Bench): boolean {
  return origin === INVENTORY;
}

function benchOf({ name, condition, deleting }: Bench): LabBench {
  const ready = condition?.state === ConditionState.READY && !deleting;
  const why = deleting ? 'it is being removed' : (condition?.reason ?? '');
  return { name, ready, why, untilMs: condition?.until?.getTime() };
}

function reservationOf(told: ToldReservation): LabReservation {
  const { id, version, benches, owners, startTime, endTime, used } = told;
  return { id, version, benches, owners, startMs: startTime?.getTime() ?? 0, endMs: endTime?.getTime() ?? 0, used };
}

function refusalOf({ reason, message, details: { metadata } }: KernelError): Refusal {
  return { reason, message, ...(metadata && { metadata }) };
}
