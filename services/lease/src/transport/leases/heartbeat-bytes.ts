import { AcquireResponse } from '@berth/proto/berth/lease/v1/lease_service';
import type { PreEncoded } from '@berth/server';
import { durationOf, preEncode } from '@berth/server';

let ofMs = NaN;
const known = new Map<number | undefined, PreEncoded>();

/** A heartbeat as bytes; those of one tick that say the same are encoded once. */
export function heartbeatBytes(nowMs: number, remainingMs: number | undefined): PreEncoded {
  if (nowMs !== ofMs) {
    ofMs = nowMs;
    known.clear();
  }
  const made = known.get(remainingMs);
  if (made !== undefined) return made;
  const value = { serverTime: new Date(nowMs), remaining: durationOf(remainingMs) };
  const bytes = preEncode(AcquireResponse, { event: { $case: 'heartbeat', value } });
  known.set(remainingMs, bytes);
  return bytes;
}
