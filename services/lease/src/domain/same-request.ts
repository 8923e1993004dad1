import { differingField, requestIdReused } from '@berth/kernel';
import { canonical } from './canonical.js';
import type { RequestSpec } from './model.js';

/** The fields of an AcquireRequest: number and name as in the proto, and where they are in a request. */
export const ACQUIRE_FIELDS: readonly (readonly [number: number, name: string, key: keyof RequestSpec])[] = [
  [3, 'requirements', 'requirements'],
  [4, 'description', 'description'],
  [5, 'priority', 'priority'],
  [6, 'wait_timeout', 'waitMs'],
  [7, 'hold', 'hold'],
  [8, 'ttl', 'ttlMs'],
  [9, 'reconnect_grace', 'graceMs'],
  [10, 'max_duration', 'maxDurationMs'],
  [11, 'affinity', 'affinity'],
  [12, 'booking', 'booking'],
  [13, 'labels', 'labels'],
  [14, 'allow_maintenance', 'allowMaintenance'],
  [15, 'unattended', 'unattended'],
];

/**
 * Throws REQUEST_ID_REUSED when a request that waits or holds is asked for again with another payload. Where fingerprints
 * differ what they are of decides: an earlier version made them in another way.
 */
export function assertSameSpec(spec: RequestSpec, known: RequestSpec): void {
  if (spec.fingerprint === known.fingerprint) return;
  if (spec.owner !== known.owner) throw requestIdReused(spec.requestId);
  for (const [, name, key] of ACQUIRE_FIELDS) {
    if (canonical(spec[key]) !== canonical(known[key])) throw requestIdReused(spec.requestId, name);
  }
}

/**
 * Throws REQUEST_ID_REUSED when two fingerprints are of different payloads; `nameOf` names a field by its number. A
 * fingerprint is a hash, and after a dot the marks of its fields; those of earlier versions have none.
 */
export function assertSameRequest(
  requestId: string,
  fingerprint: string,
  known: string,
  nameOf: (field: number) => string | undefined,
): void {
  const [hash, marks = ''] = fingerprint.split('.');
  const [knownHash, knownMarks] = known.split('.');
  if (hash === knownHash) return;
  const field = knownMarks === undefined ? undefined : differingField(marks, knownMarks);
  throw requestIdReused(requestId, field === undefined ? undefined : nameOf(field));
}
