import type { ErrorDetails, Reason } from '@berth/kernel';
import { BerthError, staleEtag } from '@berth/kernel';
import type { Booking, Shortfall } from '../model/booking.js';
import { SHARE } from '../model/cluster.js';

type ResourceType = 'Booking' | 'Cluster' | 'Grant' | 'Template';

function resource(type: ResourceType, name: string, owner?: string): NonNullable<ErrorDetails['resource']> {
  return { type: `berth.dev/${type}`, name, ...(owner !== undefined && { owner }) };
}

export function noSuchBooking(id: string): BerthError {
  return new BerthError('NO_SUCH_BOOKING', `there is no booking '${id}'; list them with 'berth book ls'.`, {
    resource: resource('Booking', id),
  });
}

/** `path` is the field that names it. */
export function noSuchCluster(name: string, path?: string): BerthError {
  const description = `there is no cluster '${name}'; list them with 'berth cluster ls'`;
  return new BerthError('NO_SUCH_CLUSTER', `${description}.`, {
    resource: resource('Cluster', name),
    ...(path !== undefined && { fields: [{ field: path, description }] }),
  });
}

export function noSuchGrant(id: string): BerthError {
  return new BerthError('NO_SUCH_GRANT', `there is no grant '${id}'; list them with 'berth grant ls'.`, {
    resource: resource('Grant', id),
  });
}

export function noSuchTemplate(name: string, path: string, description: string): BerthError {
  return new BerthError('NO_SUCH_TEMPLATE', `${path}: ${description}`, {
    resource: resource('Template', name),
    fields: [{ field: path, description }],
  });
}

/** Throws STALE_ETAG unless the etag is absent or that of the version. */
export function requireEtag(type: ResourceType, name: string, version: number, etag: string | undefined): void {
  const now = etagOf({ version });
  if (etag === undefined || etag === '' || etag === now) return;
  throw staleEtag(`${type.toLowerCase()} '${name}'`, etag, now, resource(type, name));
}

/** Changes with every change of an object. */
export function etagOf({ version }: { readonly version: number }): string {
  return version.toString(36);
}

/** What the state of a booking forbids; `deed` completes "cannot …". */
export function notNow(reason: Reason, booking: Booking, state: string, deed: string, hint: string): BerthError {
  const { id, owner } = booking;
  const description = `booking '${id}' of ${owner} is ${state} and cannot ${deed}; ${hint}`;
  return new BerthError(reason, `${description}.`, {
    resource: resource('Booking', id, owner),
    preconditions: [{ type: 'STATE', subject: id, description }],
    metadata: { state },
  });
}

/** A fault in one field, where its reason is a condition of things and not a wrong value only. */
export function refusedField(
  reason: Reason,
  field: string,
  description: string,
  metadata?: Record<string, string>,
): BerthError {
  return new BerthError(reason, `${field}: ${description}.`, {
    fields: [{ field, description }],
    ...(metadata && { metadata }),
  });
}

/** NO_CAPACITY, with all that a caller needs to look for another time. */
export function noCapacity(shortfall: Shortfall, all: readonly Shortfall[] = [shortfall]): BerthError {
  const metadata = shortfallMetadata(shortfall);
  const { cluster, amount, nextStartMs } = shortfall;
  const lacks =
    amount === SHARE ? `${String(shortfall.shortfall / 100)} % of it` : `${String(shortfall.shortfall)} ${amount}`;
  const until = `from ${metadata['from'] ?? ''} to ${metadata['until'] ?? ''}`;
  const next =
    nextStartMs === undefined ? 'look for another time' : `the earliest start that fits is ${iso(nextStartMs)}`;
  const more = all.length > 1 ? `; so it is at ${String(all.length)} times` : '';
  const conflicts = all.length > 1 && {
    conflicts: String(all.length),
    conflict_times: all
      .slice(0, MOST_TIMES)
      .map(({ startMs }) => iso(startMs))
      .join(','),
  };
  return new BerthError(
    'NO_CAPACITY',
    `cluster '${cluster}' lacks ${lacks} ${until}${more}; ${next}, or let it wait (when_full).`,
    {
      resource: resource('Cluster', cluster),
      quota: [{ subject: cluster, description: `${lacks} lacks ${until}` }],
      metadata: { ...metadata, ...conflicts },
    },
  );
}

/** Error details travel in a header of 8 KiB. */
const MOST_TIMES = 100;

function shortfallMetadata(shortfall: Shortfall): Record<string, string> {
  const { cluster, startMs, endMs, amount, blockers, nextStartMs, fitsNow } = shortfall;
  const fits = Object.entries(fitsNow ?? {}).map(([name, value]) => `${name}=${String(value)}`);
  return {
    cluster,
    from: iso(startMs),
    until: iso(endMs),
    amount,
    shortfall: String(shortfall.shortfall),
    blockers: blockers.join(','),
    ...(nextStartMs !== undefined && { next_start: iso(nextStartMs) }),
    ...(fitsNow !== undefined && { fits_now: fits.join(',') }),
  };
}

/** An instant as text, as far as there are dates. */
export function iso(atMs: number): string {
  return new Date(atMs).toISOString();
}
