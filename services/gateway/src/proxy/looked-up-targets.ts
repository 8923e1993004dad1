import { lookup } from 'node:dns/promises';
import type { Logger, Timer } from '@berth/kernel';
import type { KeepAlive } from '@berth/server';
import { HealthWatch } from './health-watch.js';
import type { RoleTls } from './remote-target.js';
import { RemoteTarget } from './remote-target.js';
import type { RoleAddress } from './role-address.js';
import type { RoleTarget, RoleTargets } from './role-target.js';

export interface LookedUpTargetsOptions {
  readonly role: string;
  readonly addresses: readonly RoleAddress[];
  /** Absent = not encrypted. */
  readonly tls: RoleTls | undefined;
  /** The service whose health is that of the role. */
  readonly service: string;
  readonly keepAlive: KeepAlive;
  readonly log: Logger;
  /** The IP addresses that a name leads to; default: as the system looks names up. */
  readonly lookUp?: (host: string) => Promise<readonly string[]>;
  /** Told whether any process of the role serves, and else why not, whenever that may have changed. */
  readonly told: (serves: boolean, why: string) => void;
}

/** Names are looked up again after this time. */
const LOOK_UP_MS = 30_000;
const HEAR_WITHIN_MS = 2500;

interface Watched {
  readonly target: RemoteTarget;
  readonly health: HealthWatch;
  why: string;
}

/** The processes of a role behind its addresses; a name may lead to several. */
export class LookedUpTargets implements RoleTargets {
  readonly role: string;
  #watched = new Map<string, Watched>();
  #turn = 0;
  #timer: Timer | undefined;
  #isStopped = false;
  #whenHeard: (() => void) | undefined;
  /** Nothing is told before there was time to hear of it. */
  #isTelling = false;

  constructor(private readonly options: LookedUpTargetsOptions) {
    this.role = options.role;
  }

  get isServing(): boolean {
    return [...this.#watched.values()].some(({ target }) => target.serving === true);
  }

  candidates(): readonly RoleTarget[] {
    const all = [...this.#watched.values()].map(({ target }) => target);
    this.#turn = (this.#turn + 1) % Math.max(1, all.length);
    const inTurn = [...all.slice(this.#turn), ...all.slice(0, this.#turn)];
    return inTurn.sort((a, b) => rankOf(a) - rankOf(b));
  }

  /** Looks the names up and begins to watch; resolves when each process was heard of, or there was time enough for it. */
  async start(): Promise<void> {
    await this.#lookUp();
    await new Promise<void>((resolve) => {
      const timer = this.options.keepAlive.clock.after(HEAR_WITHIN_MS, resolve);
      this.#whenHeard = () => {
        timer.cancel();
        resolve();
      };
      this.#tell();
    });
    this.#whenHeard = undefined;
    this.#isTelling = true;
    this.#tell();
  }

  stop(): void {
    this.#isStopped = true;
    this.#timer?.cancel();
    for (const { health } of this.#watched.values()) health.stop();
  }

  async #lookUp(): Promise<void> {
    const { addresses, keepAlive } = this.options;
    const found = await Promise.all(addresses.map((address) => this.#targetsAt(address)));
    if (this.#isStopped) return;
    this.#take(new Map(found.flat()));
    this.#timer = keepAlive.clock.after(LOOK_UP_MS, () => void this.#lookUp());
  }

  /** By ip and port; a name that cannot be looked up keeps those to which it led before. */
  async #targetsAt({ host, port, secure }: RoleAddress): Promise<[string, RemoteTarget][]> {
    const { keepAlive, log, role } = this.options;
    const tls = secure === false ? undefined : (this.options.tls ?? (secure === true ? {} : undefined));
    try {
      const ips = await (this.options.lookUp ?? systemLookUp)(host);
      return ips.map((ip) => [`${ip} ${String(port)}`, new RemoteTarget({ ip, port, host }, tls, keepAlive.clock)]);
    } catch (error) {
      log.warn({ err: error, role, host }, 'a name of a role cannot be looked up; what it led to before is kept');
      return [...this.#watched].filter(([, { target }]) => target.isOf(host)).map(([key, { target }]) => [key, target]);
    }
  }

  #take(found: ReadonlyMap<string, RemoteTarget>): void {
    const before = this.#watched;
    this.#watched = new Map();
    for (const [key, target] of found) this.#watched.set(key, before.get(key) ?? this.#watch(target));
    for (const [key, { health }] of before) if (!found.has(key)) health.stop();
    this.#tell();
  }

  #watch(target: RemoteTarget): Watched {
    const { keepAlive, service } = this.options;
    const told = (_serving: boolean, why: string): void => {
      watched.why = why;
      this.#tell();
    };
    const watched: Watched = {
      target,
      health: new HealthWatch(target, { keepAlive, service, told }),
      why: 'was not heard of yet',
    };
    return watched;
  }

  #tell(): void {
    if ([...this.#watched.values()].every(({ target }) => target.serving !== undefined)) this.#whenHeard?.();
    if (!this.#isTelling) return;
    const reasons = [...this.#watched.values()].map(({ target, why }) => `${target.name} ${why}`);
    this.options.told(this.isServing, reasons.join('; ') || 'no address is known');
  }
}

async function systemLookUp(host: string): Promise<readonly string[]> {
  return (await lookup(host, { all: true })).map(({ address }) => address);
}

/** 0 for those that serve; those that may serve come before those that do not. */
function rankOf({ serving, isLeaving }: RemoteTarget): number {
  if (serving === undefined) return 1;
  return serving && !isLeaving ? 0 : 2;
}
