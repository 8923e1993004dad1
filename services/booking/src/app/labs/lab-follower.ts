import { pause, SYSTEM } from '@berth/kernel';
import type { BenchCandidate, Booking } from '../../domain/index.js';
import { labOf } from '../../domain/index.js';
import type { BenchLost, CheckIn } from '../../domain/model/commands.js';
import type { BookingContext } from '../booking-context.js';
import type { RootReplica } from '../roots/root-replica.js';
import type { LabDifference } from './lab-comparison.js';
import { compareLab } from './lab-comparison.js';
import { putInventory } from './lab-inventory.js';

/** After a failure, and when a step was left to the call that made it. */
const AGAIN_MS = 1000;
/** A step that is younger is made by the call that asked for it. */
const YOUNG_MS = 2000;
/** Changes that come in so quick succession are compared once. */
const BREATH_MS = 20;
const BERTH = { by: { actor: SYSTEM, operator: true }, key: { id: '', fingerprint: '' } };

/**
 * Keeps the ledger of a lab and its reservations equal, for the elected process: at the start, at each change of either, and
 * each minute, so nothing depends on having been there at the right time.
 */
export class LabFollower {
  readonly #lab: string;
  #changed = true;
  #wake: () => void = () => undefined;
  /** What was said already, so that it is said once. */
  readonly #said = new Set<string>();

  constructor(
    private readonly context: BookingContext,
    private readonly replica: RootReplica,
  ) {
    this.#lab = labOf(replica.root) ?? '';
  }

  /** Runs until the signal aborts. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.context;
    const leave = this.replica.listen({ applied: this.#change, loaded: this.#change });
    signal.addEventListener('abort', this.#change, { once: true });
    const watching = this.#watch(signal);
    while (!signal.aborted) {
      this.#changed = false;
      const againMs = await this.#compare();
      await this.#more(againMs);
      await pause(clock, BREATH_MS, signal);
    }
    leave();
    await watching;
  }

  readonly #change = (): void => {
    this.#changed = true;
    this.#wake();
  };

  /** Resolves when something has changed, or after this time. */
  #more(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.context.clock.after(ms, resolve);
      this.#wake = () => {
        timer.cancel();
        resolve();
      };
      if (this.#changed) this.#wake();
    });
  }

  /** Hears of changes of the lab; begins again when that breaks. */
  async #watch(signal: AbortSignal): Promise<void> {
    const { labs, clock } = this.context;
    while (!signal.aborted) {
      try {
        for await (const _ of labs.changes(this.#lab, signal)) this.#change();
      } catch (error) {
        this.#sayOnce('watch', error, 'a lab cannot be watched; trying again');
      }
      await pause(clock, AGAIN_MS, signal);
    }
  }

  /** Brings both together; resolves to when to look again at the latest. */
  async #compare(): Promise<number> {
    const { labs, clock, settings } = this.context;
    try {
      // First the lab, then the ledger: see compareLab.
      const view = await labs.look(this.#lab);
      const young = await this.#makeSteps();
      // A lab that is not there gets its benches back from its inventory file, or from an operator.
      if (view !== undefined) {
        const nowMs = clock.now();
        await this.#settle(await this.replica.read((state) => compareLab(state, view, nowMs)));
      }
      this.#said.delete('compare');
      return young ? AGAIN_MS : settings.compareMs;
    } catch (error) {
      this.#sayOnce('compare', error, 'a lab and its bookings cannot be compared; trying again');
      return AGAIN_MS;
    }
  }

  /** Makes the steps that no call makes (any more). Resolves to whether others are left. */
  async #makeSteps(): Promise<boolean> {
    const { steps, clock } = this.context;
    const open = await this.replica.read((state) => state.labSteps());
    const old = open.filter(({ updatedMs, lab }) => lab?.step === 'FREE' || updatedMs <= clock.now() - YOUNG_MS);
    const made = await Promise.allSettled(old.map(({ id }) => steps.settle(this.replica, id)));
    const failed = made.find((one) => one.status === 'rejected');
    // One step that cannot be made keeps neither the others back, nor the comparison.
    if (failed !== undefined) this.#sayOnce('step', failed.reason, 'a step at a lab cannot be made; trying again');
    else this.#said.delete('step');
    return failed !== undefined || old.length < open.length;
  }

  async #settle({ inventory, free, put, used, lost, benches }: LabDifference): Promise<void> {
    const { labs } = this.context;
    const { replica } = this;
    if (inventory) await putInventory(replica, { benches });
    // First what is given up: what moved may take its place.
    for (const { id, version, endMs } of free) await labs.free(this.#lab, { id, version, endMs, ifUnused: false });
    for (const reservation of put) {
      const answer = await labs.put(this.#lab, reservation, true);
      if (answer === 'taken') continue;
      const why = answer === 'old' ? 'the lab knows a newer version' : answer.message;
      this.#sayOnce(`${reservation.id} ${why}`, { message: why }, `the lab does not take back '${reservation.id}'`);
    }
    for (const id of used) {
      const command: CheckIn = { kind: 'checkIn', id, ...BERTH };
      await replica
        .submit(command, () => undefined)
        .catch((error: unknown) => {
          this.#sayOnce(`used ${id}`, error, `'${id}' is used, and the ledger does not take that`);
        });
    }
    for (const one of lost) await this.#tellLost(one);
  }

  /** Tells the ledger that benches of a booking cannot be used, with others where it said only what they must be. */
  async #tellLost({ booking, benches, why }: LabDifference['lost'][number]): Promise<void> {
    const candidates = await this.#candidatesFor(booking, benches);
    const command: BenchLost = {
      kind: 'benchLost',
      id: booking.id,
      lost: benches,
      why,
      ...(candidates && { candidates }),
      ...BERTH,
    };
    const moved = await this.replica.submit(command, ({ bookings }) => bookings.get(booking.id)?.lab !== undefined);
    if (moved) await this.context.steps.settle(this.replica, booking.id);
  }

  async #candidatesFor({ spans }: Booking, lost: readonly string[]): Promise<readonly BenchCandidate[] | undefined> {
    const wish = spans.find(
      ({ wish: one, amounts }) => one !== undefined && lost.some((name) => name in amounts),
    )?.wish;
    if (wish === undefined) return undefined;
    const found = await this.context.labs.matching(this.#lab, wish.requirement);
    return found.flatMap(({ bench, weight, ready }) => (ready ? [{ bench, weight }] : []));
  }

  #sayOnce(what: string, error: unknown, message: string): void {
    if (this.#said.has(what)) return;
    this.#said.add(what);
    this.context.logger.warn({ err: error, lab: this.#lab }, message);
  }
}
