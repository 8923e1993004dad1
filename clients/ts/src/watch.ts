import type { LeaseServiceClient, WatchResponse } from '@berth/proto/berth/lease/v1/lease_service';
import { Status } from 'nice-grpc-common';
import { BerthError } from './berth-error.js';
import { isBroken } from './is-broken.js';
import type { BerthCallOptions } from './middleware/index.js';
import { backoffMs, type Patience, pause } from './middleware/retry.js';

/** What to watch. */
export interface WatchOptions {
  lab?: string;
  /** Changes after this revision; absent = a snapshot first. */
  fromRevision?: number;
  /** Ends the watch. */
  signal?: AbortSignal;
  /** The connection broke and is being made again; no change is missed. */
  onReconnecting?: (error: BerthError) => void;
}

/**
 * Everything that changes in a lab, without a gap, over as many connections as it takes. When the server no longer keeps
 * the changes since the last revision that was seen, a new snapshot comes (`snapshot` is true again: forget what you
 * have). A server that was there is waited for without end; one that never answered is given up after a few attempts.
 */
export async function* watchLab(
  lease: LeaseServiceClient<BerthCallOptions>,
  patience: Patience,
  { lab = '', fromRevision = 0, signal, onReconnecting }: WatchOptions,
): AsyncGenerator<WatchResponse, void> {
  // Until a snapshot is whole its messages say 0: what is gone on from misses nothing.
  let revision = fromRevision;
  let attempt = 0;
  let answered = false;
  let inSnapshot = false;
  for (;;) {
    try {
      const options: BerthCallOptions = { retry: false, ...(signal && { signal }) };
      for await (const message of lease.watch({ lab, fromRevision: revision }, options)) {
        attempt = 0;
        answered = true;
        inSnapshot = message.snapshot;
        yield message;
        revision = message.revision;
      }
      throw new BerthError('UNAVAILABLE', Status.UNAVAILABLE, 'the server closed the stream');
    } catch (error) {
      if (signal?.aborted) return;
      if (!(error instanceof BerthError)) throw error;
      const trimmed = error.reason === 'REVISION_TRIMMED' && revision !== 0 && fromRevision === 0;
      if (trimmed) revision = 0;
      // Another snapshot follows: a message between the two tells that it begins again.
      if (inSnapshot && revision === 0)
        yield { revision, changes: [], snapshot: false, commitTime: undefined, more: false };
      if (trimmed) continue;
      attempt++;
      if (!isBroken(error) || (!answered && attempt >= patience.attempts)) throw error;
      onReconnecting?.(error);
      await pause(backoffMs(attempt, error), signal);
    }
  }
}
