import { BerthError } from '@berth/kernel';
import type { HealthCheckRequest, HealthCheckResponse, HealthListResponse } from '@berth/proto/grpc/health/v1/health';
import { HealthCheckResponse_ServingStatus as Status, HealthDefinition } from '@berth/proto/grpc/health/v1/health';
import type { CallContext } from './call-context.js';
import type { ResponseStream } from './response-stream.js';
import type { ServedService } from './service-definition.js';
import { servedService } from './service-definition.js';

/** What `grpc.health.v1.Health` answers: for each service, and under the empty name for the process as a whole. */
export class ServerHealth {
  readonly #serving = new Map<string, boolean>();

  /** `version` is told with each check. */
  constructor(readonly version: string) {}

  /** Wakes the watches that wait for a change. */
  readonly #wake = new Set<() => void>();

  /** The service, to be added to a server. It answers as long as the server does, also while it shuts down. */
  get service(): ServedService {
    return servedService(HealthDefinition, {
      check: (request, call) => {
        // What people need to know of a server beside its health; see `berth doctor`.
        call.sendMetadata({ 'berth-version': this.version, 'berth-time': new Date().toISOString() });
        return Promise.resolve({ status: this.#check(request) });
      },
      list: () => Promise.resolve(this.#list()),
      watch: (request, call, out) => this.#watch(request, call, out),
    });
  }

  /** Makes a service known; it does not serve yet. */
  addService(name: string): void {
    this.set(name, false);
  }

  /** Says whether a service serves. The process serves when all its services do. */
  set(name: string, serving: boolean): void {
    if (this.#serving.get(name) === serving) return;
    this.#serving.set(name, serving);
    this.#changed();
  }

  /** Says the same of all services. */
  setAll(serving: boolean): void {
    for (const name of this.#serving.keys()) this.#serving.set(name, serving);
    this.#changed();
  }

  #changed(): void {
    for (const wake of [...this.#wake]) wake();
  }

  #status(name: string): Status | undefined {
    const serving = name === '' ? this.#whole() : this.#serving.get(name);
    if (serving === undefined) return undefined;
    return serving ? Status.SERVING : Status.NOT_SERVING;
  }

  #whole(): boolean {
    return this.#serving.size > 0 && [...this.#serving.values()].every(Boolean);
  }

  #check({ service }: HealthCheckRequest): Status {
    const status = this.#status(service);
    if (status !== undefined) return status;
    throw new BerthError(
      'NO_SUCH_SERVICE',
      `this server has no service '${service}'; it has ${[...this.#serving.keys()].join(', ')}.`,
      { resource: { type: 'berth.dev/Service', name: service } },
    );
  }

  #list(): HealthListResponse {
    const statuses: HealthListResponse['statuses'] = {};
    for (const name of ['', ...this.#serving.keys()]) {
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
