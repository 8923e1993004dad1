import { ReservationGoneReason } from '@berth/proto/berth/lease/v1/reservation';
import type {
  Reservation as ReservationMessage,
  ReservationGone as ReservationGoneMessage,
} from '@berth/proto/berth/lease/v1/reservation';
import type { Change, Reservation } from '../../domain/index.js';

/** A reservation. */
export function reservationOf(reservation: Reservation): ReservationMessage {
  const { id, version, benches, owners, startMs, endMs, started, used } = reservation;
  return {
    id,
    version,
    benches: [...benches],
    owners: [...owners],
    startTime: new Date(startMs),
    endTime: new Date(endMs),
    started,
    used,
  };
}

/** What a watcher is told of a reservation that is gone. */
export function reservationGoneOf(change: Extract<Change, { kind: 'reservationGone' }>): ReservationGoneMessage {
  const { id, reason, version } = change;
  return { id, reason: ReservationGoneReason[reason], version };
}
