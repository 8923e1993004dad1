import { pause } from '@berth/kernel';
import type { Demand, LabBenches } from '../../domain/supply.js';
import type { WorldLab } from '../../domain/world.js';
import type { Office } from './reconcile-context.js';

/** After a stream broke, or a call failed, the lease service is left alone for so long. */
const RETRY_MS = 1000;

interface Lab {
  readonly stop: AbortController;
  benches?: LabBenches;
  demand?: Demand;
  callsFromMs: number;
  /** Whether it is told already that the lease service is away. */
  isAway: boolean;
  /** Names of benches that were removed, and that the watch has not told yet. */
  readonly removed: Set<string>;
  readonly waiting: Set<() => void>;
}

/** What the lease service tells of the labs in which there are pools. */
export class Labs {
  readonly #labs = new Map<string, Lab>();
  readonly #watches = new Set<Promise<void>>();

  constructor(
    private readonly office: Office,
    private readonly demanded: (lab: string, demand: Demand) => void,
  ) {}

  /** Watches these labs, and no others. */
  use(names: ReadonlySet<string>): void {
    for (const [name, { stop }] of this.#labs) {
      if (names.has(name)) continue;
      stop.abort();
      this.#labs.delete(name);
    }
    for (const name of names) if (!this.#labs.has(name)) this.#open(name);
  }

  /** Resolves when all streams have ended, after the end of the office. */
  async settle(): Promise<void> {
    await Promise.all(this.#watches);
  }

  get world(): ReadonlyMap<string, WorldLab> {
    return this.#labs;
  }

  /** A bench is gone, whatever an older list says. */
  removed(lab: string, name: string): void {
    const known = this.#labs.get(lab);
    if (known?.benches === undefined) return;
    known.removed.add(name);
    known.benches = without(known.benches, known.removed);
  }

  /** A call has failed; none is made for a while. */
  callFailed(lab: string, error: unknown): void {
    const known = this.#labs.get(lab);
    if (known === undefined) return;
    const { clock, logger } = this.office.context;
    known.callsFromMs = clock.now() + RETRY_MS;
    if (!known.isAway && !this.office.signal.aborted)
      logger.warn({ err: error, lab }, 'the lease service cannot be asked');
    known.isAway = true;
  }

  /** Resolves when the benches of the lab are as wanted, or after a time. */
  async until(lab: string, holds: (benches: LabBenches) => boolean, ms: number): Promise<void> {
    const known = this.#labs.get(lab);
    if (known?.benches === undefined || holds(known.benches)) return;
    const over = new AbortController();
    const look = (): void => {
      if (known.benches === undefined || holds(known.benches)) over.abort();
    };
    known.waiting.add(look);
    await pause(this.office.context.clock, ms, AbortSignal.any([over.signal, this.office.signal]));
    known.waiting.delete(look);
  }

  #open(name: string): void {
    const lab: Lab = {
      stop: new AbortController(),
      callsFromMs: 0,
      isAway: false,
      removed: new Set(),
      waiting: new Set(),
    };
    this.#labs.set(name, lab);
    const signal = AbortSignal.any([lab.stop.signal, this.office.signal]);
    const { lab: client } = this.office.context;
    this.#follow(name, signal, async () => {
      for await (const benches of client.watchBenches(name, signal)) {
        for (const gone of lab.removed) if (!benches.benches.has(gone)) lab.removed.delete(gone);
        lab.benches = without(benches, lab.removed);
        lab.isAway = false;
        for (const look of lab.waiting) look();
        this.office.wake();
      }
    });
    this.#follow(name, signal, async () => {
      try {
        for await (const demand of client.watchDemand(name, signal)) {
          lab.demand = demand;
          this.demanded(name, demand);
          this.office.wake();
        }
      } finally {
        // What was wanted may not be wanted any more.
        delete lab.demand;
      }
    });
  }

  /** Follows a stream, again and again. */
  #follow(name: string, signal: AbortSignal, stream: () => Promise<void>): void {
    const run = async (): Promise<void> => {
      while (!signal.aborted) {
        await stream().catch((error: unknown) => {
          this.callFailed(name, error);
        });
        await pause(this.office.context.clock, RETRY_MS, signal);
      }
    };
    const running = run().finally(() => this.#watches.delete(running));
    this.#watches.add(running);
  }
}

function without({ revision, benches }: LabBenches, removed: ReadonlySet<string>): LabBenches {
  if (removed.size === 0) return { revision, benches };
  return { revision, benches: new Map([...benches].filter(([name]) => !removed.has(name))) };
}
