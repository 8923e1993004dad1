import type { BerthError } from '@berth/kernel';
import type { QueuedView, RequestSpec } from '../domain/index.js';
import type { AcquireSink } from './acquire-sink.js';

/** A caller's stream that waits for a request or holds its lease, on this process. */
export class Attachment {
  /** Settles when the stream is to be ended. */
  readonly done: Promise<void>;
  /** The lease that the stream holds; '' while it waits. */
  leaseId = '';
  /** Ends the warnings of the lease that it holds. */
  unwatch: (() => void) | undefined;
  /** What it was told last of its place. */
  view: QueuedView | undefined;
  /** When something was sent last, on the monotonic clock. */
  sentMs = 0;
  resolve!: () => void;
  reject!: (error: BerthError) => void;

  constructor(
    readonly spec: RequestSpec,
    readonly sink: AcquireSink,
  ) {
    this.done = new Promise<void>((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    // Whoever attached may be gone before it looks.
    this.done.catch(() => undefined);
  }
}
