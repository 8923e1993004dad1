import type { Clock, Timer } from '@berth/kernel';
import { invalidField } from '@berth/kernel';
import type { WatchRequest } from '@berth/proto/berth/lease/v1/lease_service';
import { WatchResponse } from '@berth/proto/berth/lease/v1/lease_service';
import type { CallContext, ResponseStream } from '@berth/server';
import type { Lab } from '../../app/lab.js';
import type { WatchReader } from '../../app/watch-ring.js';
import type { Change, LabState } from '../../domain/index.js';
import { recordMessages, snapshotMessages } from './change-to-proto.js';

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
  if (from < 0) {
    const fault = `is ${from}; give the revision of a list or of a former watch, or 0 for a snapshot`;
    throw invalidField('from_revision', fault);
  }
  if (from !== 0) {
    await lab.changes.reach(from);
    await new ChangeWriter(lab, out, clock, from).run(call);
    return;
  }
  // One turn: what comes after this revision is told as changes. The writer is there before the snapshot is sent, so that
  // it ends the watch when the store lost something meanwhile, of which the snapshot may have told.
  const { state } = lab;
  const writer = new ChangeWriter(lab, out, clock, state.revision);
  if (await sendSnapshot(lab, state, state.revision, out)) await writer.run(call);
  else writer.close();
}

/** False when the caller is gone. */
async function sendSnapshot(
  lab: Lab,
  state: LabState,
  revision: number,
  out: ResponseStream<WatchResponse>,
): Promise<boolean> {
  for (const message of snapshotMessages(lab, revision, snapshotOf(state))) {
    if (!(await out.write(message))) return false;
  }
  return true;
}

function snapshotOf(state: LabState): readonly Change[] {
  return [
    ...Array.from(state.benches.values(), (bench): Change => ({ kind: 'benchPut', bench })),
    ...Array.from(state.offers.values(), (offer): Change => ({ kind: 'offerPut', offer })),
    ...Array.from(state.reservations.all(), (reservation): Change => ({ kind: 'reservationPut', reservation })),
    ...Array.from(state.queue, (request): Change => ({ kind: 'requestPut', request })),
    ...Array.from(state.leases.values(), (lease): Change => ({ kind: 'leasePut', lease })),
  ];
}

/** Writes the changes after a revision as they come. */
class ChangeWriter {
  readonly #lab: Lab;
  readonly #out: ResponseStream<WatchResponse>;
  readonly #clock: Clock;
  readonly #reader: WatchReader;
  #timer: Timer | undefined;
  #revision: number;
  #sentMs: number;
  /** Nothing may be written yet: the snapshot comes first, or the caller takes nothing and is waited for. */
  #waiting = true;
  #end!: () => void;
  #fail!: (error: unknown) => void;

  constructor(lab: Lab, out: ResponseStream<WatchResponse>, clock: Clock, start: number) {
    this.#lab = lab;
    this.#out = out;
    this.#clock = clock;
    this.#revision = start;
    this.#sentMs = clock.monotonic();
    this.#reader = lab.changes.read(start, this.#drain);
  }

  close(): void {
    this.#reader.close();
    this.#timer?.cancel();
  }

  /** Resolves when the caller is gone; throws REVISION_TRIMMED, and SHUTTING_DOWN when the server stops. */
  async run(call: CallContext): Promise<void> {
    const stop = (): void => {
      this.#fail(call.shutdown.reason);
    };
    const over = new Promise<void>((resolve, reject) => {
      this.#end = resolve;
      this.#fail = reject;
    });
    call.onOver(this.#end);
    call.shutdown.addEventListener('abort', stop, { once: true });
    if (call.shutdown.aborted) stop();
    this.#timer = this.#clock.after(SILENCE_MS, this.#beat);
    this.#waiting = false;
    this.#drain();
    try {
      await over;
    } finally {
      this.close();
      call.shutdown.removeEventListener('abort', stop);
    }
  }

  /** Called at each change itself: for thousands of watchers, promises to wait on cost as much as the messages. */
  readonly #drain = (): void => {
    if (this.#waiting) return;
    try {
      while (this.#out.writable) {
        const record = this.#reader.next();
        if (record === undefined) return;
        this.#sent(record.revision);
        for (const message of recordMessages(this.#lab, record)) void this.#out.write(message);
      }
    } catch (error) {
      this.#fail(error);
      return;
    }
    this.#waiting = true;
    void this.#out.idle().then((alive) => {
      this.#waiting = false;
      if (alive) this.#drain();
      else this.#end();
    });
  };

  readonly #beat = (): void => {
    const silentMs = this.#clock.monotonic() - this.#sentMs;
    if (silentMs >= SILENCE_MS && this.#out.pending === 0) {
      void this.#out.write(this.#out.encode(WatchResponse.fromPartial({ revision: this.#revision })));
      this.#sent(this.#revision);
    }
    const nextMs = Math.max(this.#sentMs + SILENCE_MS - this.#clock.monotonic(), LOOK_MS);
    this.#timer = this.#clock.after(nextMs, this.#beat);
  };

  #sent(revision: number): void {
    this.#revision = revision;
    this.#sentMs = this.#clock.monotonic();
  }
}
