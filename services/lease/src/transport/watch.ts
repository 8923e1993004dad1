import type { Clock } from '@berth/kernel';
import type { WatchRequest } from '@berth/proto/berth/lease/v1/lease_service';
import { WatchResponse } from '@berth/proto/berth/lease/v1/lease_service';
import type { CallContext, ResponseStream } from '@berth/server';
import { Faults } from '@berth/server';
import type { Lab } from '../app/lab.js';
import type { Change, LabState } from '../domain/index.js';
import { changeOf, recordBytes } from './change-to-proto.js';

/** Things in one message of a snapshot. */
const SNAPSHOT_CHUNK = 200;
/** A sign of life comes after this much silence, or at the next look: within the promised 10 s. */
const SILENCE_MS = 9000;
const LOOK_MS = 1000;

/**
 * Streams what changes in a lab after a revision; from 0 a snapshot first. Ends when the caller hangs up. Throws
 * REVISION_TRIMMED, and SHUTTING_DOWN when the server stops.
 */
export async function watchLab(
  lab: Lab,
  request: WatchRequest,
  call: CallContext,
  out: ResponseStream<WatchResponse>,
  clock: Clock,
): Promise<void> {
  const from = request.fromRevision;
  const faults = new Faults();
  if (from < 0)
    faults.add('from_revision', `is ${from}; give the revision of a list or of a former watch, or 0 for a snapshot`);
  faults.throwIfAny();
  // One turn: what comes after this revision is told as changes.
  const { state } = lab;
  const start = from === 0 ? state.revision : from;
  if (from === 0 && !(await sendSnapshot(lab, state, start, out))) return;
  const signal = AbortSignal.any([call.signal, call.shutdown]);
  await sendChanges(lab, start, signal, out, clock);
  if (call.shutdown.aborted) throw call.shutdown.reason;
}

/** False when the caller is gone. */
async function sendSnapshot(
  lab: Lab,
  state: LabState,
  revision: number,
  out: ResponseStream<WatchResponse>,
): Promise<boolean> {
  const all = snapshotOf(state);
  for (let i = 0; i === 0 || i < all.length; i += SNAPSHOT_CHUNK) {
    const changes = all.slice(i, i + SNAPSHOT_CHUNK).map((change) => changeOf(lab, change));
    const commitTime = new Date(Math.floor(revision / 1000));
    if (!(await out.write({ revision, changes, snapshot: true, commitTime }))) return false;
  }
  return true;
}

function snapshotOf(state: LabState): readonly Change[] {
  return [
    ...Array.from(state.benches.values(), (bench): Change => ({ kind: 'benchPut', bench })),
    ...Array.from(state.offers.values(), (offer): Change => ({ kind: 'offerPut', offer })),
    ...Array.from(state.queue, (request): Change => ({ kind: 'requestPut', request })),
    ...Array.from(state.leases.values(), (lease): Change => ({ kind: 'leasePut', lease })),
  ];
}

async function sendChanges(
  lab: Lab,
  start: number,
  signal: AbortSignal,
  out: ResponseStream<WatchResponse>,
  clock: Clock,
): Promise<void> {
  let revision = start;
  let sentMs = clock.monotonic();
  const beat = (): void => {
    if (clock.monotonic() - sentMs >= SILENCE_MS && out.pending === 0) {
      void out.write(out.encode(WatchResponse.fromPartial({ revision })));
      sentMs = clock.monotonic();
    }
    timer = clock.after(Math.max(sentMs + SILENCE_MS - clock.monotonic(), LOOK_MS), beat);
  };
  let timer = clock.after(SILENCE_MS, beat);
  try {
    for await (const record of lab.changes.follow(start, signal)) {
      revision = record.revision;
      sentMs = clock.monotonic();
      if (!(await out.write(recordBytes(lab, record)))) return;
    }
  } finally {
    timer.cancel();
  }
}
