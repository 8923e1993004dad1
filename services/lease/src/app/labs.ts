import type { Clock, Logger, Timer } from '@berth/kernel';
import { BerthError, didYouMean } from '@berth/kernel';
import type { OpenLab } from './open-lab.js';

/** A lab on which nothing hangs is closed when nobody asked for it in this time, found within a tenth of it more. */
const IDLE_MS = 600_000;

export interface LabsDeps {
  /** Makes and opens a lab; one that cannot be opened leaves nothing running. */
  readonly open: (name: string) => Promise<OpenLab>;
  /** Tells whether anything was ever written into the lab, by any process. */
  readonly exists: (name: string) => Promise<boolean>;
  /** The labs of the store, to find near misses. */
  readonly names: () => Promise<readonly string[]>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The lab that is always there, and stays open. */
  readonly lasting: string;
}

interface Held {
  readonly opening: Promise<OpenLab>;
  lab: OpenLab | undefined;
  usedMs: number;
}

/**
 * The labs of this process: opened when they are asked for, closed when they are not used any more.
 *
 * A call gets a lab and works on it a few turns later. It could be closed between the two only if the process stood still
 * for all of IDLE_MS in between; then the lab refuses what comes as a server does that stops, and the caller comes again.
 * All else that a call does is seen on the lab, which is not idle then: a watcher, a stream, a command that is planned.
 */
export class Labs {
  readonly #deps: LabsDeps;
  readonly #labs = new Map<string, Held>();
  readonly #closing = new Map<string, Promise<void>>();
  #timer: Timer | undefined;

  constructor(deps: LabsDeps) {
    this.#deps = deps;
  }

  /**
   * The lab, once it is open. One that cannot be opened is tried again at the next call. Throws NO_SUCH_LAB for one into
   * which nothing was ever written, unless it is to be made.
   */
  get(name: string, make = false): Promise<OpenLab> {
    const held = this.#labs.get(name);
    if (held === undefined) return this.#find(name, make);
    held.usedMs = this.#deps.clock.monotonic();
    return held.opening;
  }

  /** Those that are open. */
  *open(): Generator<OpenLab> {
    for (const { lab } of this.#labs.values()) if (lab !== undefined) yield lab;
  }

  /** Sends the holders of all labs to other processes; see Streams.handOver. */
  async handOver(withinMs: number): Promise<void> {
    await Promise.all([...this.open()].map((lab) => lab.handOver(withinMs)));
  }

  /** Closes them all. */
  async close(): Promise<void> {
    this.#timer?.cancel();
    const labs = await Promise.allSettled([...this.#labs.values()].map(({ opening }) => opening));
    this.#labs.clear();
    for (const lab of labs) if (lab.status === 'fulfilled') await lab.value.close();
    await Promise.all(this.#closing.values());
  }

  async #find(name: string, make: boolean): Promise<OpenLab> {
    const closing = this.#closing.get(name);
    if (closing !== undefined) {
      // Two of one log in a process would not see what the other commits.
      await closing;
      return this.get(name, make);
    }
    if (!make && name !== this.#deps.lasting) {
      if (!(await this.#deps.exists(name))) throw await this.#noSuchLab(name);
      // Another call may have opened it meanwhile.
      return this.get(name, true);
    }
    return this.#open(name);
  }

  #open(name: string): Promise<OpenLab> {
    const { open, clock } = this.#deps;
    const opening = open(name);
    const held: Held = { opening, lab: undefined, usedMs: clock.monotonic() };
    this.#labs.set(name, held);
    opening.then(
      (lab) => {
        held.lab = lab;
      },
      () => this.#labs.delete(name),
    );
    this.#timer ??= clock.after(IDLE_MS / 10, this.#look);
    return opening;
  }

  readonly #look = (): void => {
    const { clock, lasting } = this.#deps;
    const idleSinceMs = clock.monotonic() - IDLE_MS;
    for (const [name, { lab, usedMs }] of this.#labs) {
      if (name !== lasting && lab?.idle === true && usedMs <= idleSinceMs) this.#retire(name, lab);
    }
    this.#timer = clock.after(IDLE_MS / 10, this.#look);
  };

  #retire(name: string, lab: OpenLab): void {
    this.#labs.delete(name);
    const closing = lab
      .close()
      .catch((error: unknown) => {
        this.#deps.logger.warn({ err: error, lab: name }, 'a lab that nobody uses could not be closed');
      })
      .finally(() => this.#closing.delete(name));
    this.#closing.set(name, closing);
  }

  async #noSuchLab(name: string): Promise<BerthError> {
    const { names, exists, lasting } = this.#deps;
    const known = [lasting];
    // The store may list labs that were only ever read.
    for (const other of await names()) if (other !== lasting && (await exists(other))) known.push(other);
    return new BerthError(
      'NO_SUCH_LAB',
      `there is no lab '${name}'${didYouMean(name, known)} A lab is made by its first inventory, bench or offer.`,
      { resource: { type: 'berth.dev/Lab', name } },
    );
  }
}
