import { BerthError, REASONS, SYSTEM } from '@berth/kernel';
import type { Reason } from '@berth/kernel';
import type { Booking, LabStep, Refusal } from '../../domain/model/booking.js';
import { extentOf } from '../../domain/model/booking.js';
import type { Settle } from '../../domain/model/commands.js';
import { labOf } from '../../domain/model/names.js';
import type { LabClient, Reservation } from '../../ports/lab-client.js';
import type { RootReplica } from '../roots/root-replica.js';

/** Nobody repeats what Berth itself does: each settlement of a version that was settled changes nothing. */
const BERTH = { by: { actor: SYSTEM, operator: true }, key: { id: '', fingerprint: '' } };
/** Steps of one booking that are made one after another: one follows another only when a caller changes it meanwhile. */
const MOST_STEPS = 20;
const USED: Refusal = { reason: 'BENCH_HELD', message: 'a lease has used it' };
const OLD: Refusal = {
  reason: 'BENCH_BOOKED',
  message:
    'the lab knows a newer version of this reservation than the ledger; its store or that of bookings was put back',
};

/**
 * Makes the steps of bookings at their labs, and settles them in the ledger.
 *
 * The ledger says first what is to be done (a step with a version), then the lab is asked, then an entry settles that version.
 * Whatever dies in between leaves the step in the ledger: a repeat of the call, or the worker, makes it again, and the lab
 * takes a step twice as once. Several may make one step at a time: A's put is refused, since a lease lasts into it, and A
 * settles that; the lease ends; B's put of the same version is taken. B's settlement changes nothing, as the version is
 * settled; what the lab has too much goes at the next comparison.
 */
export class LabSteps {
  readonly #making = new Map<string, Promise<void>>();

  constructor(private readonly labs: LabClient) {}

  /** Makes the steps of a booking until none is left. Throws STORE_UNAVAILABLE when the lab cannot be asked: the step stays. */
  settle(replica: RootReplica, id: string): Promise<void> {
    const making = this.#making.get(id);
    if (making !== undefined) return making;
    const made = this.#settle(replica, id).finally(() => this.#making.delete(id));
    this.#making.set(id, made);
    return made;
  }

  async #settle(replica: RootReplica, id: string): Promise<void> {
    let booking = await replica.read(({ bookings }) => bookings.get(id));
    for (let steps = 0; booking?.lab !== undefined && steps < MOST_STEPS; steps += 1) {
      const refusal = await this.#make(replica.root, booking, booking.lab);
      const { version } = booking.lab;
      const settle: Settle = { kind: 'settle', id, version, ...(refusal && { refusal }), ...BERTH };
      booking = await replica.submit(settle, ({ bookings }) => bookings.get(id));
    }
  }

  /** Asks the lab; resolves to why it refused, if it did. */
  async #make(root: string, booking: Booking, step: LabStep): Promise<Refusal | undefined> {
    const lab = labOf(root) ?? '';
    if (step.step === 'FREE') {
      const { id } = booking;
      const freed = await this.labs.free(lab, {
        id,
        version: step.version,
        endMs: extentOf(booking).endMs,
        ifUnused: step.ifUnused === true,
      });
      return freed ? undefined : step.ifUnused === true ? USED : OLD;
    }
    const spans = step.spans ?? booking.spans;
    const answer = await this.labs.put(lab, reservationOf({ ...booking, spans }, step.version), step.force === true);
    if (answer === 'taken') return undefined;
    return answer === 'old' ? OLD : answer;
  }
}

/** What a lab should have for a booking: of one that changed benches while it ran, those that it has since. */
export function reservationOf(
  { id, owner, spans }: Pick<Booking, 'id' | 'owner' | 'spans'>,
  version: number,
): Reservation {
  const { startMs, endMs } = extentOf({ spans });
  const last = spans.filter((span) => span.endMs === endMs);
  const benches = [...new Set(last.flatMap(({ amounts }) => Object.keys(amounts)))].sort();
  return { id, version, benches, owners: [owner], startMs, endMs };
}

/** Throws why the lab refused what a booking asked for, if it did and nothing is under way. */
export function throwRefusal({ lab, refusal }: Booking): void {
  if (lab !== undefined || refusal === undefined) return;
  const { reason, message, metadata } = refusal;
  throw new BerthError(isReason(reason) ? reason : 'BENCH_UNAVAILABLE', message, metadata && { metadata });
}

function isReason(text: string): text is Reason {
  return Object.hasOwn(REASONS, text);
}
