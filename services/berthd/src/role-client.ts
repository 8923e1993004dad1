import type { Berth } from '@berth/client';

/** As whom a role calls another. */
export interface RoleCaller {
  readonly user: string;
  readonly role: string;
}

/** A client of another role, made at the first call: its address may not be known before, and no start waits for it. */
export class RoleClient {
  #connecting: Promise<Berth> | undefined;

  /** `address` may throw as long as it is not known. */
  constructor(
    private readonly address: () => string,
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
    const address = this.address();
    const { connect } = await import('@berth/client');
    return connect({ address, ...this.caller });
  }
}
