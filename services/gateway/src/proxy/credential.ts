import type { Clock, Logger, Timer } from '@berth/kernel';

/** The token's file is read again after this time: whoever renews it leaves the old one valid for longer. */
const AGAIN_MS = 10_000;

/** The token that this process shows to roles, as it is in its file at present. */
export class Credential {
  /** Undefined = it has none. */
  text: string | undefined;
  #timer: Timer | undefined;
  #isStopped = false;

  constructor(
    private readonly read: (() => Promise<string>) | undefined,
    private readonly clock: Clock,
    private readonly log: Logger,
  ) {}

  /** Reads it. Throws what reading throws. */
  async start(): Promise<void> {
    this.text = await this.read?.();
    if (this.read !== undefined) this.#readLater(this.read);
  }

  stop(): void {
    this.#isStopped = true;
    this.#timer?.cancel();
  }

  #readLater(read: () => Promise<string>): void {
    this.#timer = this.clock.after(AGAIN_MS, () => {
      read()
        .then((text) => (this.text = text))
        .catch((error: unknown) => {
          this.log.warn({ err: error }, 'the token of this process cannot be read again; the one before is used');
        })
        .finally(() => {
          if (!this.#isStopped) this.#readLater(read);
        });
    });
  }
}
