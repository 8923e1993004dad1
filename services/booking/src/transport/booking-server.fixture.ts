// Booking that serves on a real port, with documents in memory and a clock that stands still.
import type { Berth } from '@berth/client';
import { connect } from '@berth/client';
import { BookingServiceDefinition } from '@berth/proto/berth/booking/v1/booking_service';
import { CapacityServiceDefinition } from '@berth/proto/berth/booking/v1/capacity_service';
import { createGrpcServer } from '@berth/server';
import { inProcessLocks, openSqliteCollectionStore } from '@berth/storage';
import type { FakeClock } from '@berth/testkit';
import { fakeClock, serveService } from '@berth/testkit';
import { TestClient } from '@berth/testkit/test-client';
import { Client, credentials } from '@grpc/grpc-js';
import type { ExecutionContext } from 'ava';
import { pino } from 'pino';
import { bookingConfigSchema, createBookingService } from '../index.js';

export interface BookingServer {
  readonly clock: FakeClock;
  readonly bookings: TestClient<typeof BookingServiceDefinition>;
  readonly capacity: TestClient<typeof CapacityServiceDefinition>;
  /** The client that callers have, as an operator. */
  readonly berth: Berth;
}

/** Starts booking without a lease service; all of it ends with the test. The clock says 2026-01-01 UTC. */
export async function startBooking(t: ExecutionContext, config: object = {}): Promise<BookingServer> {
  const clock = fakeClock();
  const store = await openSqliteCollectionStore({ dir: ':memory:' });
  const log = pino({ level: 'silent' });
  const service = createBookingService(bookingConfigSchema.parse(config), {
    store,
    locks: inProcessLocks(),
    clock,
    logger: log,
    failpoint: () => undefined,
    storeWorks: () => undefined,
    locksWork: () => undefined,
  });
  const { address, stop } = await serveService(createGrpcServer({ host: '127.0.0.1', port: 0, log }), service);
  const channel = new Client(address, credentials.createInsecure(), { 'grpc.enable_retries': 0 });
  const berth = connect({ address, user: 'ann', role: 'operator' });
  t.teardown(async () => {
    berth.close();
    channel.close();
    await stop();
    await store.close();
  });
  return {
    clock,
    berth,
    bookings: new TestClient(channel, BookingServiceDefinition),
    capacity: new TestClient(channel, CapacityServiceDefinition),
  };
}

/** A date as a request has it. */
export function on(date: string) {
  return { at: { $case: 'date', value: date } } as const;
}

/** An instant as a request has it. */
export function at(time: string) {
  return { at: { $case: 'time', value: new Date(time) } } as const;
}

/** A range of dates, its last day in it. */
export function days(from: string, through: string, timeZone = '') {
  return { start: on(from), end: on(through), timeZone };
}
