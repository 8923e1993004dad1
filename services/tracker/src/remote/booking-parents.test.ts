import { BerthError, connect } from '@berth/client';
import { Booking } from '@berth/proto/berth/booking/v1/booking';
import { BookingServiceDefinition } from '@berth/proto/berth/booking/v1/booking_service';
import { createGrpcServer, servedService } from '@berth/server';
import { accessOfAll, closedAfter, partOfService, serveService } from '@berth/testkit';
import test from 'ava';
import { pino } from 'pino';
import { bookingParents } from './booking-parents.js';

test('bookings that are over are told from others, and the whole kind is unknown while nobody answers', async (t) => {
  const asked: string[][] = [];
  const isLive = (id: string): boolean => Number(id.slice(3)) % 3 !== 0;
  const methods = partOfService(BookingServiceDefinition, {
    listBookings({ ids, states, pageToken }) {
      asked.push(ids);
      t.deepEqual(states, [], 'those that are not over');
      // In two pages, so that the second one is read, too.
      const half = ids.filter((id) => (Number(id.slice(3)) % 2 === 0) === (pageToken === '') && isLive(id));
      const bookings = half.map((id) => Booking.fromPartial({ id }));
      return Promise.resolve({ bookings, nextPageToken: pageToken === '' ? 'second' : '' });
    },
  });
  const server = createGrpcServer({ host: '127.0.0.1', port: 0, log: pino({ level: 'silent' }) });
  const booking = await serveService(server, {
    definitions: [servedService(BookingServiceDefinition, methods, accessOfAll(BookingServiceDefinition, 'viewer'))],
    start: () => Promise.resolve(),
    stop: () => Promise.resolve(),
  });
  t.teardown(booking.stop);
  const parents = bookingParents(() => Promise.resolve(closedAfter(t, connect({ address: booking.address }))));
  const ids = Array.from({ length: 1200 }, (_, n) => `bk-${String(n + 1)}`);
  const { gone, unknown } = await parents.look(ids.map((id) => `booking/${id}`));
  t.deepEqual(gone, new Set(ids.filter((id) => !isLive(id)).map((id) => `booking/${id}`)));
  t.is(unknown.size, 0);
  t.true(
    asked.every(({ length }) => length <= 1000),
    'as many as one call takes',
  );
  await booking.stop();
  await t.throwsAsync(parents.look(['booking/bk-1']), { instanceOf: BerthError });
});
