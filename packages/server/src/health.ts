import type { Server } from '@grpc/grpc-js';
import { HealthImplementation } from 'grpc-health-check';

/** What `grpc.health.v1.Health` answers: for each service, and under the empty name for the process as a whole. */
export class ServerHealth {
  readonly #health = new HealthImplementation({ '': 'NOT_SERVING' });
  readonly #serving = new Map<string, boolean>();

  /** Registers the health service; watches are told of every later change. */
  addTo(server: Server): void {
    this.#health.addToServer(server);
  }

  /** Makes a service known; it does not serve yet. */
  addService(name: string): void {
    this.#serving.set(name, false);
    this.#publish(name);
  }

  /** Says whether a service serves. The process serves when all its services do. */
  set(name: string, serving: boolean): void {
    if (this.#serving.get(name) === serving) return;
    this.#serving.set(name, serving);
    this.#publish(name);
  }

  /** Says the same of all services. */
  setAll(serving: boolean): void {
    for (const name of this.#serving.keys()) this.set(name, serving);
    this.#publishWhole();
  }

  #publish(name: string): void {
    this.#health.setStatus(name, this.#serving.get(name) === true ? 'SERVING' : 'NOT_SERVING');
    this.#publishWhole();
  }

  #publishWhole(): void {
    const serving = this.#serving.size > 0 && [...this.#serving.values()].every(Boolean);
    this.#health.setStatus('', serving ? 'SERVING' : 'NOT_SERVING');
  }
}
