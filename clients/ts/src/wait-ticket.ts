import type { PoolServiceClient, WaitTicketResponse } from '@berth/proto/berth/pool/v1/pool_service';
import { Status } from 'nice-grpc-common';
import { BerthError } from './berth-error.js';
import type { ClientClock } from './clock.js';
import { isBroken } from './is-broken.js';
import type { BerthCallOptions } from './middleware/index.js';
import { backoffMs, type Patience, pause } from './middleware/retry.js';
import { type Span, spanToMs, toDuration } from './span.js';

/** Which ticket to wait for, and for how long. */
export interface WaitTicketOptions {
  number: number;
  /** Absent = for ever, 0 = not at all. */
  wait?: Span;
  /** Ends the waiting; the ticket stays. */
  signal?: AbortSignal;
  /** The connection broke and is being made again; the ticket keeps its place. */
  onReconnecting?: (error: BerthError) => void;
}

/**
 * What a ticket's WaitTicket tells, over as many connections as it takes. A server that was there is waited for until `wait`
 * is over; one that never answered is given up after a few attempts.
 */
export async function* waitForTicket(
  pools: PoolServiceClient<BerthCallOptions>,
  clock: ClientClock,
  patience: Patience,
  { number, wait, signal, onReconnecting }: WaitTicketOptions,
): AsyncGenerator<WaitTicketResponse, void> {
  const endMs = wait === undefined ? undefined : clock.now() + spanToMs(wait);
  let answered = false;
  for (let attempt = 1; ; attempt += 1) {
    try {
      const left = endMs === undefined ? undefined : toDuration(Math.max(0, endMs - clock.now()));
      const options: BerthCallOptions = { retry: false, ...(signal && { signal }) };
      for await (const message of pools.waitTicket({ number, ...(left && { wait: left }) }, options)) {
        [attempt, answered] = [1, true];
        yield message;
        if (message.ticket?.ready === true) return;
      }
      throw new BerthError('UNAVAILABLE', Status.UNAVAILABLE, 'the server closed the stream');
    } catch (error) {
      signal?.throwIfAborted();
      const isLate = endMs !== undefined && clock.now() >= endMs;
      if (!(error instanceof BerthError) || !isBroken(error) || isLate) throw error;
      if (!answered && attempt >= patience.attempts) throw error;
      onReconnecting?.(error);
      await pause(backoffMs(attempt, error), signal);
    }
  }
}
