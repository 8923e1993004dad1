import type {
  DeleteReservationRequest,
  ListReservationsRequest,
  PutReservationRequest,
} from '@berth/proto/berth/lease/v1/lease_service';
import { Reservation } from '@berth/proto/berth/lease/v1/reservation';
import type { Faults } from '@berth/server';
import { lineFault, listFault, MAX_NAME, nameFault, parseRequest, parseTime } from '@berth/server';
import type { Deletion, ReservationSpec } from '../../domain/index.js';
import { MAX_BENCHES } from '../inventory/parse-requirement.js';

const MAX_OWNERS = 64;
/** Reservations that may be asked for by their ids at once. */
const MOST_IDS = 1000;

/** The reservation that is to be put. Throws INVALID_FIELD with every fault found. */
export function parsePutReservation(request: PutReservationRequest): ReservationSpec {
  const { reservation } = request;
  return parseRequest(request, (faults) => {
    if (reservation === undefined)
      faults.add('reservation', 'is missing; say which booking has which benches, and when');
    const { id, version, benches, owners, startTime, endTime } = reservation ?? Reservation.create();
    faults.check('reservation.id', nameFault(id));
    checkVersion('reservation.version', version, faults);
    faults.check('reservation.benches', listFault(benches, 'benches', MAX_BENCHES));
    benches.slice(0, MAX_BENCHES).forEach((name, i) => {
      faults.check(`reservation.benches[${i}]`, nameFault(name));
      if (benches.indexOf(name) < i)
        faults.add(`reservation.benches[${i}]`, `is '${name}' once more; name each bench once`);
    });
    if (owners.length > MAX_OWNERS) faults.add('reservation.owners', `has ${owners.length}; allowed are ${MAX_OWNERS}`);
    owners.slice(0, MAX_OWNERS).forEach((name, i) => {
      faults.require(`reservation.owners[${i}]`, name, (text) => lineFault(text, MAX_NAME));
    });
    const startMs = timeOf('reservation.start_time', startTime, faults);
    const endMs = timeOf('reservation.end_time', endTime, faults);
    if (startMs >= endMs) faults.add('reservation.end_time', 'is not after start_time; give a later end');
    return { id, version, benches, owners, startMs, endMs };
  });
}

/** Which reservation is to be deleted, and how. Throws INVALID_FIELD. */
export function parseDeleteReservation(request: DeleteReservationRequest): Deletion {
  const { id, version, ifUnused } = request;
  return parseRequest(request, (faults) => {
    faults.check('id', nameFault(id));
    checkVersion('version', version, faults);
    const endMs = parseTime(request.endTime, 'end_time', faults);
    return { id, version, ifUnused, ...(endMs !== undefined && { endMs }) };
  });
}

/** Throws INVALID_FIELD when too many reservations are asked for by their ids. */
export function checkListReservations({ ids, ...request }: ListReservationsRequest): void {
  parseRequest(request, (faults) => {
    if (ids.length > MOST_IDS) faults.add('ids', `has ${ids.length} ids; allowed are ${MOST_IDS}`);
  });
}

function checkVersion(field: string, version: number, faults: Faults): void {
  if (version >= 1 && Number.isSafeInteger(version)) return;
  faults.add(field, `is ${version}; allowed are whole numbers from 1 on, larger with each change of the booking`);
}

/** NaN when it is missing, or none. */
function timeOf(field: string, time: Date | undefined, faults: Faults): number {
  if (time === undefined) faults.add(field, 'is missing');
  return parseTime(time, field, faults) ?? NaN;
}
