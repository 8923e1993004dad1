import { BerthError } from '@berth/kernel';
import type { HealthCheckRequest, HealthCheckResponse, HealthListResponse } from '@berth/proto/grpc/health/v1/health';
import { HealthCheckResponse_ServingStatus as Status, HealthDefinition } from '@berth/proto/grpc/health/v1/health';
import type { Logger } from 'pino';
import type { CallContext } from '../calls/call-context.js';
import type { ResponseStream } from '../calls/response-stream.js';
import type { ServedService } from '../calls/service-definition.js';
import { servedService } from '../calls/service-definition.js';

/** How a part of the process says whether it works, and why not. Only a change is told on. */
export type PartSays = (works: boolean, why?: unknown) => void;

/** A part that does not work. */
export interface Trouble {
  readonly part: string;
  readonly why: string;
  readonly since: string;
}

/** How the services of a process are, as `/readyz` tells it. */
export interface HealthReport {
  /** Of the process as a whole. */
  readonly status: HealthWord;
  /** By the name of the service. */
  readonly services: Readonly<Record<string, HealthWord>>;
  readonly troubles: readonly Trouble[];
  readonly version: string;
}

export type HealthWord = 'SERVING' | 'NOT_SERVING';

/** Metadata may have 8 KiB in all; a reason of a few lines says enough. */
const MOST_WHY = 400;
const MOST_TROUBLES = 8;

/**
 * What `grpc.health.v1.Health` answers: for each service, and under the empty name for the process as a whole. A service
 * serves when it was started and all parts that it needs work.
 */
export class ServerHealth {
  readonly #started = new Map<string, boolean>();
  /** By what says them, so that two parts of one name do not speak for each other. */
  readonly #troubles = new Map<PartSays, { readonly trouble: Trouble; readonly services: () => readonly string[] }>();

  /** `version` is told with each check. */
  constructor(
    readonly version: string,
    readonly log?: Logger,
  ) {}

  /** Wakes the watches that wait for a change. */
  readonly #wake = new Set<() => void>();

  /** The service, to be added to a server. It answers as long as the server does, also while it shuts down. */
  get service(): ServedService {
    return servedService(
      HealthDefinition,
      {
        check: (request, call) => {
          // What people need to know of a server beside its health; see `berth doctor`.
          call.sendMetadata({
            'berth-version': this.version,
            'berth-time': new Date().toISOString(),
            'berth-troubles': this.#told(),
          });
          return Promise.resolve({ status: this.#check(request) });
        },
        list: () => Promise.resolve(this.#list()),
        watch: (request, call, out) => this.#watch(request, call, out),
      },
      // Load balancers and supervisors have no credentials.
      { check: 'open', list: 'open', watch: 'open' },
    );
  }

  /** Makes a service known; it does not serve yet. */
  addService(name: string): void {
    this.set(name, false);
  }

  /** Says whether a service was started. The process serves when all its services do. */
  set(name: string, started: boolean): void {
    if (this.#started.get(name) === started) return;
    this.#started.set(name, started);
    this.#changed();
  }

  /** Says the same of all services. */
  setAll(started: boolean): void {
    for (const name of this.#started.keys()) this.#started.set(name, started);
    this.#changed();
  }

  /**
   * A part with a say of its own, which works until it says otherwise: what it says is neither hidden nor taken back by
   * another part. `services` are those that do not serve while it does not work; none = it is only told, in metadata
   * `berth-troubles` of a check. The log has one line when it stops to work, and one when it works again.
   */
  part(name: string, services: () => readonly string[] = () => []): PartSays {
    const says: PartSays = (works, why) => {
      if (works !== this.#troubles.has(says)) return;
      if (works) {
        this.#troubles.delete(says);
        this.log?.info({ part: name }, `${name}: works again`);
      } else {
        const trouble = { part: name, why: textOf(why), since: new Date().toISOString() };
        this.#troubles.set(says, { trouble, services });
        this.log?.warn({ part: name, err: why }, `${name}: does not work; told once, until it works again`);
      }
      this.#changed();
    };
    return says;
  }

  /** How the services are, and which parts do not work. */
  report(): HealthReport {
    const word = (name: string): HealthWord => (this.#status(name) === Status.SERVING ? 'SERVING' : 'NOT_SERVING');
    return {
      status: word(''),
      services: Object.fromEntries([...this.#started.keys()].map((name) => [name, word(name)])),
      troubles: [...this.#troubles.values()].map(({ trouble }) => trouble),
      version: this.version,
    };
  }

  #changed(): void {
    for (const wake of [...this.#wake]) wake();
  }

  #status(name: string): Status | undefined {
    const serving = name === '' ? this.#whole() : this.#started.get(name);
    if (serving === undefined) return undefined;
    return serving && !this.#isTroubled(name) ? Status.SERVING : Status.NOT_SERVING;
  }

  #whole(): boolean {
    return this.#started.size > 0 && [...this.#started.values()].every(Boolean);
  }

  /** Whether a part does not work that the service needs; under the empty name, that any service needs. */
  #isTroubled(name: string): boolean {
    for (const { services } of this.#troubles.values()) {
      const needing = services();
      if (name === '' ? needing.length > 0 : needing.includes(name)) return true;
    }
    return false;
  }

  /** A JSON list of the parts that do not work, as metadata takes it: ASCII. */
  #told(): string {
    const troubles = [...this.#troubles.values()].slice(0, MOST_TROUBLES).map(({ trouble }) => trouble);
    const escaped = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
    return JSON.stringify(troubles).replace(/[^ -~]/g, escaped);
  }

  #check({ service }: HealthCheckRequest): Status {
    const status = this.#status(service);
    if (status !== undefined) return status;
    throw new BerthError(
      'NO_SUCH_SERVICE',
      `this server has no service '${service}'; it has ${[...this.#started.keys()].join(', ')}.`,
      { resource: { type: 'berth.dev/Service', name: service } },
    );
  }

  #list(): HealthListResponse {
    const statuses: HealthListResponse['statuses'] = {};
    for (const name of ['', ...this.#started.keys()]) {
      statuses[name] = { status: this.#status(name) ?? Status.SERVICE_UNKNOWN };
    }
    return { statuses };
  }

  /** Level-triggered: reads the status, tells it if it is another than told last, waits for a change. */
  async #watch(
    { service }: HealthCheckRequest,
    call: CallContext,
    out: ResponseStream<HealthCheckResponse>,
  ): Promise<void> {
    const { signal } = call;
    let told: Status | undefined;
    while (!signal.aborted) {
      const status = this.#status(service) ?? Status.SERVICE_UNKNOWN;
      if (status !== told) {
        told = status;
        if (!(await out.write({ status }))) return;
        // It may have changed while the reader was slow.
        continue;
      }
      await this.#change(signal);
    }
  }

  #change(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        this.#wake.delete(done);
        signal.removeEventListener('abort', done);
        resolve();
      };
      this.#wake.add(done);
      signal.addEventListener('abort', done);
    });
  }
}

function textOf(why: unknown): string {
  const text = why instanceof Error ? why.message : String(why);
  return text.length > MOST_WHY ? `${text.slice(0, MOST_WHY)}…` : text;
}
