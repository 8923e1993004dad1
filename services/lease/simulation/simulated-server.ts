import type { Logger } from '@berth/kernel';
import type { LabSettings } from '../src/app/open-lab.js';
import { OpenLab } from '../src/app/open-lab.js';
import { planApplyInventory } from '../src/domain/commands/inventory.js';
import type { BenchSpec } from '../src/domain/model.js';
import { msgpackCodec } from '../src/store/msgpack-codec.js';
import { OPERATOR } from './scene.js';
import { SimulatedEventLog } from './simulated-event-log.js';
import { SimulatedProcess } from './simulated-process.js';
import type { Call, Serving, World } from './world.js';

const START_AGAIN_MS = 500;

/** A server process with the real lab on it. */
export class SimulatedServer implements Serving {
  readonly process: SimulatedProcess;
  readonly log: SimulatedEventLog;
  readonly calls = new Set<Call>();
  /** When something was last in its way. */
  troubledMs: number;
  /** How often the store had lost data when the state was last to be loaded. */
  #losses = 0;
  /** When it last found that the store had lost something. */
  loadedMs = -Infinity;
  lab: OpenLab;
  isOpen = false;

  constructor(
    readonly world: World,
    readonly settings: LabSettings,
    readonly benches: readonly BenchSpec[],
  ) {
    this.process = new SimulatedProcess(world.time, world.random);
    this.troubledMs = world.time.nowMs;
    this.log = new SimulatedEventLog(world.store, this.process, {
      troubled: () => (this.troubledMs = world.time.nowMs),
      loading: () => {
        // Later it may have been trimmed from under a follower that was stopped.
        const isAgain = this.isOpen && world.time.nowMs < this.loadedMs + 100 && world.losses === this.#losses;
        if (isAgain && world.store.after(this.lab.state.revision) !== undefined) {
          world.wrong('a state that stands in the log was loaded again');
        }
        this.#losses = world.losses;
      },
    });
    this.lab = this.#newLab();
    void this.#open();
  }

  get name(): string {
    return this.log.session;
  }

  /** True when callers may go there. */
  get serves(): boolean {
    return this.isOpen && !this.process.killed;
  }

  pause(): void {
    this.process.paused = true;
  }

  resume(): void {
    this.troubledMs = this.world.time.nowMs;
    this.process.resume();
  }

  /** Ends as by SIGKILL. */
  kill(): void {
    this.process.killed = true;
    for (const call of [...this.calls]) call.broke();
  }

  /** Ends as by SIGTERM: its callers are told. One that is stopped cannot. */
  stop(): void {
    if (this.process.paused) {
      this.kill();
      return;
    }
    this.isOpen = false;
    void this.lab.close().then(() => this.kill());
  }

  /** Something reaches the lab over the network. */
  ask(delayMs: number, what: () => void): void {
    this.process.deliver('network', delayMs, what);
  }

  async #open(): Promise<void> {
    try {
      await this.lab.open();
      this.isOpen = true;
    } catch {
      this.process.after(START_AGAIN_MS, () => {
        this.lab = this.#newLab();
        void this.#open();
      });
    }
  }

  #newLab(): OpenLab {
    const { settings, benches, process, log } = this;
    return new OpenLab({
      name: 'default',
      log,
      shared: true,
      codec: msgpackCodec,
      clock: process,
      logger: this.#logger(),
      failpoint: () => undefined,
      settings,
      seed: (lab, afterLoss) =>
        lab.run({
          requestId: '',
          fingerprint: '',
          plan: (draft) => {
            planApplyInventory(draft, { specs: benches, prune: false, force: false, afterLoss }, OPERATOR);
          },
        }),
    });
  }

  #logger(): Logger {
    const note = (context: object, message: string): void => {
      if (message.endsWith('state loaded anew')) this.loadedMs = this.world.time.nowMs;
      this.world.note(`${message} ${'err' in context ? String(context.err) : JSON.stringify(context)}`);
    };
    return { info: note, warn: note, error: note };
  }
}
