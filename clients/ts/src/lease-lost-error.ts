import { type Ended, EndReason } from '@berth/proto/berth/lease/v1/lease';
import { Status } from 'nice-grpc-common';
import { BerthError, type BerthErrorDetails } from './berth-error.js';

/** The reason with which a lease's `signal` aborts: the benches are not, or soon not, the holder's any more. */
export class LeaseLostError extends BerthError {
  constructor(
    /** What happened: an `EndReason` by name, or `CONNECTION_LOST`, `VALIDITY_OVER`, `REPLACED`, `READ_LATE`. */
    readonly why: string,
    message: string,
    /** Who ended it; empty when nobody did or it is not known. */
    readonly actor = '',
    options?: ErrorOptions,
  ) {
    const details: BerthErrorDetails = { metadata: { why, ...(actor !== '' && { actor }) } };
    super('LEASE_LOST', Status.ABORTED, message, details, false, options);
    this.name = 'LeaseLostError';
  }
}

const STORIES: Partial<Record<EndReason, string>> = {
  [EndReason.RELEASED]: 'was released',
  [EndReason.DISCONNECTED]: 'ended because the connection broke',
  [EndReason.EXPIRED]: 'expired: it was not renewed in time',
  [EndReason.MAX_DURATION]: 'ended: its longest duration is over',
  [EndReason.REVOKED]: 'was revoked',
  [EndReason.SESSION_LOST]: 'ended because the server that held the connection was lost',
  [EndReason.STORE_LOST]: 'ended because the server lost its data',
  [EndReason.BENCH_REMOVED]: 'ended because its bench was removed',
  [EndReason.TRANSFERRED]: 'was given to another owner',
  [EndReason.BOOKED]: 'ended because others have booked its bench',
  [EndReason.BOOKING_OVER]: 'ended with its booking',
};

/** The error for what the server said when it ended the lease. */
export function lostByServer(leaseId: string, ended: Ended): LeaseLostError {
  const actor = ended.actor?.name ?? '';
  const story = STORIES[ended.reason] ?? 'ended';
  const text = `lease ${leaseId} ${story}${actor === '' ? '' : ` by ${actor}`}${ended.message === '' ? '' : `: ${ended.message}`}`;
  return new LeaseLostError(EndReason[ended.reason], text, actor);
}
