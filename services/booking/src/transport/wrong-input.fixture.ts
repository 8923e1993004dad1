// Requests that are wrong, and what must come of them.
import type { CallError } from '@berth/testkit/test-client';
import type { ExecutionContext } from 'ava';
import type { BookingServer } from './booking-server.fixture.js';
import { at, days, startBooking } from './booking-server.fixture.js';

/** A request that is refused. */
export type WrongInput = readonly [
  what: string,
  client: 'bookings' | 'capacity',
  method: string,
  request: object,
  reason: string,
  /** One of the faults: `path: description`. */
  field: RegExp,
  caller?: string,
];

/** A client whose methods are named by the table. */
interface AnyClient {
  refusal(method: string, request: object, caller?: string): Promise<CallError>;
}

export const JUNE = days('2026-06-01', '2026-06-30');
export const CORES = { amounts: { cores: 1 }, range: JUNE };
export const HOURLY = {
  amounts: { cores: 1 },
  range: { start: at('2026-06-01T09:00Z'), end: at('2026-06-01T10:00Z') },
};

/** Ten cores in 2026, a template that can be used and one that is hidden, a child of 5 cores in June. */
export async function bookable(t: ExecutionContext): Promise<BookingServer> {
  const server = await startBooking(t);
  const { capacity } = server;
  await capacity.call('createGrant', { grant: { amounts: { cores: 10 }, range: days('2026-01-01', '2026-12-31') } });
  await capacity.call('createTemplate', { template: { name: 'small', amounts: { cores: 1 } } });
  await capacity.call('createTemplate', { template: { name: 'old', amounts: { cores: 1 } } });
  await capacity.call('hideTemplate', { name: 'old' });
  await capacity.call('createCluster', { cluster: { name: 'default/spark', amounts: { cores: 5 }, range: JUNE } });
  return server;
}

/** A request for a booking of one span. */
export function book(span: object, more: object = {}): object {
  return { booking: { spans: [span], ...more } };
}

/** All that is stored, as callers see it. */
async function stored({ berth }: BookingServer): Promise<unknown> {
  const [{ bookings }, { clusters }, { grants }, { templates }] = await Promise.all([
    berth.bookings.listBookings({}),
    berth.capacity.listClusters({}),
    berth.capacity.listGrants({}),
    berth.capacity.listTemplates({ showHidden: true }),
  ]);
  return { bookings, clusters, grants, templates };
}

/** Sees each request refused for its reason, with the place of its fault, and nothing stored. */
export async function refuseAll(t: ExecutionContext, cases: readonly WrongInput[]): Promise<void> {
  const server = await bookable(t);
  const before = await stored(server);
  for (const [what, client, method, request, reason, field, caller] of cases) {
    const { [client]: service }: Record<typeof client, unknown> = server;
    const refusal = await (service as AnyClient).refusal(method, request, caller);
    t.is(refusal.reason, reason, `${what}: ${refusal.text}`);
    const { fields, text } = refusal;
    t.true(
      fields.some((one) => field.test(one)),
      `${what}: ${JSON.stringify(fields)} (${text})`,
    );
  }
  t.deepEqual(await stored(server), before);
}
