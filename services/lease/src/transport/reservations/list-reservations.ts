import type { ListReservationsRequest, ListReservationsResponse } from '@berth/proto/berth/lease/v1/lease_service';
import { Reservation as ReservationMessage } from '@berth/proto/berth/lease/v1/reservation';
import { pageOf } from '@berth/server';
import type { Lab } from '../../app/lab.js';
import type { Reservation } from '../../domain/index.js';
import { reservationOf } from './reservation-to-proto.js';

/** The reservations that are not over, by id. Throws INVALID_PAGE_TOKEN and INVALID_FIELD. */
export function listReservations(lab: Lab, request: ListReservationsRequest): ListReservationsResponse {
  const { owner, bench, ids, pageToken, pageSize } = request;
  const { state } = lab;
  const wanted = [...candidates(lab, request)].filter(
    ({ id, owners }) => (owner === '' || owners.includes(owner)) && (ids.length === 0 || ids.includes(id)),
  );
  const { messages, nextPageToken } = pageOf(
    { pageToken, pageSize: pageSize || ids.length },
    {
      items: wanted.sort((a, b) => (a.id < b.id ? -1 : 1)),
      keyOf: ({ id }) => id,
      isAfter: ({ id }, key) => id > key,
      message: reservationOf,
      bytes: (message) => ReservationMessage.encode(message).finish().length,
      scope: ['ListReservations', lab.name, owner, bench, ...ids],
    },
  );
  return { reservations: messages, nextPageToken, revision: state.revision };
}

function candidates({ state: { reservations } }: Lab, { bench, ids }: ListReservationsRequest): Iterable<Reservation> {
  if (bench !== '') return reservations.calendarOf(bench);
  if (ids.length === 0) return reservations.all();
  return [...new Set(ids)].flatMap((id) => reservations.get(id) ?? []);
}
