import { EndReason } from '@berth/proto/berth/lease/v1/lease';
import type { Change as ChangeMessage } from '@berth/proto/berth/lease/v1/lease_service';
import { GoneReason, WatchResponse } from '@berth/proto/berth/lease/v1/lease_service';
import type { PreEncoded } from '@berth/server';
import { actorOf, preEncode } from '@berth/server';
import type { Lab } from '../app/lab.js';
import type { Change } from '../domain/index.js';
import type { LabView } from './bench-to-proto.js';
import { benchOf, offerOf } from './bench-to-proto.js';
import { leaseOf } from './lease-to-proto.js';
import { queuedRequestOf } from './queue-to-proto.js';

/** What was committed together, as the app gives it to every watcher. */
type WatchRecord = NonNullable<ReturnType<ReturnType<Lab['changes']['read']>['next']>>;

const known = new WeakMap<object, PreEncoded>();

/**
 * A record as the WatchResponse of all its watchers: encoded once. Things are described as they are when the first watcher
 * is told; where that is later than the record, the records that follow lead to the same.
 */
export function recordBytes(lab: LabView, record: WatchRecord): PreEncoded {
  const made = known.get(record);
  if (made !== undefined) return made;
  const { revision, changes } = record;
  const bytes = preEncode(WatchResponse, {
    revision,
    changes: changes.map((change) => changeOf(lab, change)),
    snapshot: false,
    // A revision is the commit's microseconds on the store's clock.
    commitTime: new Date(Math.floor(revision / 1000)),
  });
  known.set(record, bytes);
  return bytes;
}

/** A change for watchers: never with properties. */
export function changeOf(lab: LabView, change: Change): ChangeMessage {
  return { kind: kindOf(lab, change) };
}

function kindOf(lab: LabView, change: Change): ChangeMessage['kind'] {
  switch (change.kind) {
    case 'requestPut':
      return { $case: 'requestPut', value: queuedRequestOf(lab, change.request) };
    case 'requestGone': {
      const { request, reason, actor, message } = change;
      const { requestId } = request.spec;
      return { $case: 'requestGone', value: { requestId, reason: GoneReason[reason], actor: actorOf(actor), message } };
    }
    case 'leasePut':
      return { $case: 'leasePut', value: leaseOf(lab, change.lease, false) };
    case 'leaseEnded': {
      const { lease, reason, actor, message, atMs } = change;
      const ended = { reason: EndReason[reason], actor: actorOf(actor), message, endTime: new Date(atMs) };
      return { $case: 'leaseEnded', value: { lease: leaseOf(lab, lease, false), ...ended } };
    }
    case 'benchPut':
      return { $case: 'benchPut', value: benchOf(lab, change.bench, false) };
    case 'benchRemoved':
      return { $case: 'benchRemoved', value: change.name };
    case 'offerPut':
      return { $case: 'offerPut', value: offerOf(change.offer) };
    case 'offerRemoved':
      return { $case: 'offerRemoved', value: change.pool };
  }
}
