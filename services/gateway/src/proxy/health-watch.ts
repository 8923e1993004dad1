import type { ClientHttp2Session } from 'node:http2';
import type { Timer } from '@berth/kernel';
import {
  HealthCheckRequest,
  HealthCheckResponse,
  HealthCheckResponse_ServingStatus as Status,
} from '@berth/proto/grpc/health/v1/health';
import { keepAlive, type KeepAlive } from '@berth/server';
import { MessageReader, messageFrame } from './message-frames.js';
import type { RemoteTarget } from './remote-target.js';

export interface HealthWatchDeps {
  readonly keepAlive: KeepAlive;
  /** The service whose health is that of the role. */
  readonly service: string;
  /** Told at each change. */
  readonly told: (serving: boolean, why: string) => void;
}

/** After the process could not be asked. */
const AGAIN_MS = 1000;
const ANSWERS_WITHIN_MS = 2000;
const PATH = '/grpc.health.v1.Health/Watch';

/** Watches the health of one process of a role, on a connection of its own, until it is stopped. */
export class HealthWatch {
  #session: ClientHttp2Session | undefined;
  #timer: Timer | undefined;
  #isStopped = false;

  constructor(
    private readonly target: RemoteTarget,
    private readonly deps: HealthWatchDeps,
  ) {
    this.#ask();
  }

  stop(): void {
    this.#isStopped = true;
    this.#timer?.cancel();
    this.#session?.destroy();
  }

  #ask(): void {
    const { clock } = this.deps.keepAlive;
    const session = this.target.connect();
    this.#session = session;
    let why = 'closed the connection';
    session.on('error', ({ message }: Error) => (why = message));
    session.once('close', () => {
      this.#timer?.cancel();
      if (this.#isStopped) return;
      this.#tell(false, why);
      this.#timer = clock.after(AGAIN_MS, () => {
        this.#ask();
      });
    });
    this.#timer = clock.after(ANSWERS_WITHIN_MS, () => {
      why = `does not answer within ${String(ANSWERS_WITHIN_MS / 1000)} s`;
      session.destroy();
    });
    keepAlive(session, this.deps.keepAlive);
    this.#watch(session, (fault) => {
      why = fault;
      session.destroy();
    });
  }

  #watch(session: ClientHttp2Session, failed: (fault: string) => void): void {
    const headers = { ':method': 'POST', ':path': PATH, te: 'trailers', 'content-type': 'application/grpc+proto' };
    const stream = session.request(headers);
    const { service } = this.deps;
    const reader = new MessageReader((message) => {
      this.#timer?.cancel();
      const { status } = HealthCheckResponse.decode(message);
      this.#tell(status === Status.SERVING, `says ${Status[status]} of ${service}`);
    });
    stream.on('error', () => undefined);
    stream.on('data', (chunk: Buffer) => {
      reader.take(chunk);
    });
    stream.on('close', () => {
      failed('ended the watch of its health');
    });
    stream.end(messageFrame(HealthCheckRequest.encode({ service }).finish()));
  }

  #tell(serving: boolean, why: string): void {
    if (this.target.serving === serving) return;
    this.target.serving = serving;
    this.deps.told(serving, why);
  }
}
