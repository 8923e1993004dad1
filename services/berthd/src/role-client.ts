import type { Berth, ConnectOptions } from '@berth/client';
import { traceHeaders } from '@berth/server';

/** As whom a role calls another. */
export interface RoleCaller {
  readonly user: string;
  readonly role: string;
}

/** A client of another role, made at the first call: its address may not be known before, and no start waits for it. */
export class RoleClient {
  #connecting: Promise<Berth> | undefined;

  /** `where` may throw as long as that is not known. */
  constructor(
    private readonly where: () => Pick<ConnectOptions, 'address' | 'channel' | 'token' | 'tls'>,
    private readonly caller: RoleCaller,
  ) {}

  readonly connected = (): Promise<Berth> => {
    this.#connecting ??= this.#connect().catch((error: unknown) => {
      this.#connecting = undefined;
      throw error;
    });
    return this.#connecting;
  };

  async close(): Promise<void> {
    (await this.#connecting)?.close();
  }

  async #connect(): Promise<Berth> {
    const where = this.where();
    const { connect } = await import('@berth/client');
    // A trace that a call came with goes on to the calls that are made in its course.
    return connect({ ...where, ...this.caller, metadata: traceHeaders });
  }
}
