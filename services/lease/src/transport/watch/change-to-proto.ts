import { EndReason } from '@berth/proto/berth/lease/v1/lease';
import type { Change as ChangeMessage } from '@berth/proto/berth/lease/v1/lease_service';
import { GoneReason, WatchResponse } from '@berth/proto/berth/lease/v1/lease_service';
import { actorOf, MAX_ANSWER_BYTES as MAX_BYTES, preEncode, PreEncoded } from '@berth/server';
import type { Lab } from '../../app/lab.js';
import type { Change } from '../../domain/index.js';
import type { LabView } from '../inventory/bench-to-proto.js';
import { benchOf, offerOf } from '../inventory/bench-to-proto.js';
import { leaseOf } from '../leases/lease-to-proto.js';
import { queuedRequestOf } from '../leases/queue-to-proto.js';
import { reservationGoneOf, reservationOf } from '../reservations/reservation-to-proto.js';

/** Things in one message of a snapshot. */
const SNAPSHOT_CHUNK = 200;

/** What was committed together, as the app gives it to every watcher. */
type WatchRecord = NonNullable<ReturnType<ReturnType<Lab['changes']['read']>['next']>>;

const known = new WeakMap<object, readonly PreEncoded[]>();

/**
 * A record as the messages of all its watchers: encoded once. Things are described as they are when the first watcher is
 * told; where that is later than the record, the records that follow lead to the same.
 */
export function recordMessages(lab: LabView, record: WatchRecord): readonly PreEncoded[] {
  const made = known.get(record);
  if (made !== undefined) return made;
  const { revision, after, changes } = record;
  const told = changes.map((change) => changeOf(lab, change));
  const head = { snapshot: false, commitTime: commitTimeOf(revision) };
  const whole = preEncode(WatchResponse, { revision, changes: told, more: false, ...head });
  const messages = whole.bytes.length <= MAX_BYTES ? [whole] : [...inParts(told, { revision, after, ...head })];
  known.set(record, messages);
  return messages;
}

/** Everything there is in a lab, as the messages that a watch begins with. */
export function* snapshotMessages(
  lab: LabView,
  revision: number,
  things: readonly Change[],
): Generator<PreEncoded, void, undefined> {
  const head = { revision, after: 0, snapshot: true, commitTime: commitTimeOf(revision) };
  let told: ChangeMessage[] = [];
  for (const [i, thing] of things.entries()) {
    told.push(changeOf(lab, thing));
    if (told.length < SNAPSHOT_CHUNK || i === things.length - 1) continue;
    yield* inParts(told, { ...head, revision: 0 }, true);
    told = [];
  }
  yield* inParts(told, head);
}

type Head = Pick<WatchResponse, 'revision' | 'snapshot' | 'commitTime'> & {
  /** The revision of all parts but the last. */
  readonly after: number;
};

/** Messages with these changes, at least one, none larger than MAX_BYTES unless a single change is. */
function* inParts(
  changes: readonly ChangeMessage[],
  { after, revision, ...head }: Head,
  more = false,
): Generator<PreEncoded, void, undefined> {
  let part: Uint8Array[] = [];
  let bytes = 0;
  const message = (fields: Pick<WatchResponse, 'revision' | 'more'>): PreEncoded => {
    // Messages that are put one after the other are one: its lists are joined.
    const first = WatchResponse.encode({ changes: [], ...head, ...fields }).finish();
    return new PreEncoded(Buffer.concat([first, ...part]));
  };
  for (const change of changes) {
    const encoded = WatchResponse.encode(WatchResponse.fromPartial({ changes: [change] })).finish();
    if (part.length > 0 && bytes + encoded.length > MAX_BYTES) {
      yield message({ revision: after, more: true });
      part = [];
      bytes = 0;
    }
    part.push(encoded);
    bytes += encoded.length;
  }
  yield message({ revision, more });
}

/** A revision is the commit's microseconds on the store's clock. */
function commitTimeOf(revision: number): Date {
  return new Date(Math.floor(revision / 1000));
}

/** A change for watchers: never with properties. */
function changeOf(lab: LabView, change: Change): ChangeMessage {
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
    case 'reservationPut':
      return { $case: 'reservationPut', value: reservationOf(change.reservation) };
    case 'reservationGone':
      return { $case: 'reservationGone', value: reservationGoneOf(change) };
  }
}
