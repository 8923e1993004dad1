import type { Berth, BerthCallOptions, Change, Lease, Queued, WatchResponse } from '@berth/client';
import {
  BerthError,
  durationToMs,
  EndReason,
  GoneReason,
  HoldMode,
  identityMetadata,
  Metadata,
  Status,
} from '@berth/client';
import { kernelError } from '@berth/server';
import type { Grant, Seen, Ticket } from '../domain/tickets/index.js';
import { numberOfRequest } from '../domain/tickets/index.js';
import type { Asked, PlaceInQueue, TicketNews, TicketRequests } from '../ports/ticket-requests.js';
import { waitText } from './wait-text.js';

const CALL_MS = 10_000;
/** What the lease service takes for those who name no priority. */
const USUAL_PRIORITY = 50;
/** Reasons of an Acquire whose request has ended before. */
const ENDED: ReadonlySet<string> = new Set([
  'REQUEST_ENDED',
  'REQUEST_ID_REUSED',
  'REQUEST_CANCELLED',
  'REQUEST_UNSATISFIABLE',
  'WAIT_TIMEOUT',
]);
/** Reasons of an Acquire with a priority that the service chose, to ask without it. */
const WITHOUT_PRIORITY: ReadonlySet<string> = new Set(['PRIORITY_NOT_ALLOWED', 'REQUEST_ID_REUSED']);
/** Reasons of an Acquire that nothing can meet now; it was not put into the queue. */
const REFUSED: ReadonlySet<string> = new Set([
  'NO_SUCH_BENCH',
  'NO_SUCH_LAB',
  'BENCH_UNAVAILABLE',
  'INVALID_FIELD',
  'PRIORITY_NOT_ALLOWED',
  'PERMISSION_DENIED',
  'QUOTA',
]);

/** Requests of tickets on the lease service that `connected` gives a client of. */
export function ticketRequests(connected: () => Promise<Berth>): TicketRequests {
  async function ask(ticket: Ticket, priority = priorityOf(ticket)): Promise<Asked> {
    const { lease } = await connected();
    let asked: Asked | undefined;
    try {
      // Read to its end, which follows at once: a connection may hang up only so many streams.
      for await (const { event } of lease.acquire({ ...requestOf(ticket), priority }, callOf(ticket))) {
        if (event?.$case === 'queued') asked = { what: 'waits', place: placeOf(event.value) };
        const granted = event?.$case === 'granted' ? event.value.lease : undefined;
        if (granted !== undefined) asked = { what: 'holds', leaseId: granted.id, grant: grantIn(granted) };
      }
    } catch (error) {
      if (!(error instanceof BerthError)) throw error;
      const isOwnChoice = ticket.isUsual === true && priority !== undefined;
      // The service's own choice is not held against the owner; it may have been asked for without before.
      if (isOwnChoice && WITHOUT_PRIORITY.has(error.reason)) return ask({ ...ticket, priority: USUAL_PRIORITY });
      if (error.described && ENDED.has(error.reason)) return { what: 'ended', why: error.message };
      const known = kernelError(error);
      if (REFUSED.has(known.reason)) return { what: 'refused', why: error.message, error: known };
      throw known;
    }
    if (asked !== undefined) return asked;
    throw kernelError(new BerthError('UNAVAILABLE', Status.UNAVAILABLE, 'it ended the call without an answer'));
  }

  return {
    ask: (ticket) => ask(ticket),

    async grantOf(ticket, leaseId) {
      const { lease } = await connected();
      try {
        const { lease: found } = await lease.getLease({ lab: ticket.lab, leaseId }, callOf(ticket));
        return found?.owner === ticket.owner ? grantIn(found) : undefined;
      } catch (error) {
        if (isRefusal(error, 'NO_SUCH_LEASE', 'NO_SUCH_LAB')) return undefined;
        throw error instanceof BerthError ? kernelError(error) : error;
      }
    },

    async giveBack(ticket) {
      const { lease } = await connected();
      const { lab, leaseRequest: targetRequestId, grant } = ticket;
      try {
        if (grant !== undefined) {
          const { leaseId, fencingToken } = grant;
          await lease.release({ lab, leaseId, fencingToken }, callOf(ticket));
          return;
        }
        await lease.cancelRequest({ lab, targetRequestId, reason: 'the ticket is closed' }, callOf(ticket));
      } catch (error) {
        // One that is somebody else's by now is not given back.
        if (isRefusal(error, 'NO_SUCH_LAB', 'PERMISSION_DENIED', 'STALE_TOKEN')) return;
        if (!isRefusal(error, 'NO_SUCH_REQUEST')) throw error instanceof BerthError ? kernelError(error) : error;
        await releaseIfGranted(ticket);
      }
    },

    async *watch(lab, signal) {
      const berth = await connected();
      let snapshot: Map<string, Seen & { readonly what: 'waits' | 'holds' }> | undefined;
      try {
        for await (const message of berth.watch({ lab, signal })) {
          if (!message.snapshot) {
            // A snapshot that was cut off begins again.
            snapshot = undefined;
            const news = newsOf(message);
            if (news.length > 0) yield news;
            continue;
          }
          snapshot ??= new Map();
          for (const { kind } of message.changes) addTo(snapshot, kind);
          if (message.more) continue;
          yield [{ kind: 'snapshot', requests: snapshot }];
          snapshot = undefined;
        }
      } catch (error) {
        throw error instanceof BerthError ? kernelError(error) : error;
      }
    },
  };

  /** It does not wait: granted, ended, or never asked for. The same request again tells which. */
  async function releaseIfGranted(ticket: Ticket): Promise<void> {
    const { lease } = await connected();
    const { lab, leaseRequest: targetRequestId } = ticket;
    const asked = await ask(ticket);
    try {
      if (asked.what === 'holds') await lease.release({ lab, leaseId: asked.leaseId }, callOf(ticket));
      if (asked.what === 'waits') await lease.cancelRequest({ lab, targetRequestId }, callOf(ticket));
    } catch (error) {
      throw error instanceof BerthError ? kernelError(error) : error;
    }
  }
}

/** What is asked for; undefined = what the lease service takes for those who name none, as far as their role may. */
function priorityOf({ priority, isUsual }: Ticket): number | undefined {
  return isUsual === true && priority === USUAL_PRIORITY ? undefined : priority;
}

/** The owner's call: the lease is the owner's, and its data are shown to nobody else. */
function callOf({ owner, role, team }: Ticket): BerthCallOptions {
  return { metadata: Metadata(identityMetadata({ user: owner, role, team })), timeoutMs: CALL_MS, retry: false };
}

function requestOf(ticket: Ticket): Parameters<Berth['lease']['acquire']>[0] {
  const { lab, leaseRequest: requestId, number, tags, description, sandbox: affinity } = ticket;
  return {
    lab,
    requestId,
    requirements: [{ attributes: [...tags] }],
    description,
    hold: HoldMode.MANUAL,
    affinity,
    labels: { ticket: String(number) },
    unattended: true,
    tellOnce: true,
  };
}

/** Where a pool puts what `cmd_new` printed: as text where a property can hold it. */
function grantIn({ id, fencingToken, benches: [bench] }: Lease): Grant {
  const { data = '', data_base64: encoded } = bench?.properties ?? {};
  return {
    leaseId: id,
    fencingToken,
    resource: bench?.name ?? '',
    data: encoded ?? Buffer.from(data).toString('base64'),
  };
}

function placeOf(queued: Queued): PlaceInQueue {
  const { position, estimatedWait } = queued;
  return {
    position,
    reason: waitText(queued),
    ...(estimatedWait !== undefined && { estimatedWaitMs: durationToMs(estimatedWait) }),
  };
}

function addTo(requests: Map<string, Seen & { readonly what: 'waits' | 'holds' }>, kind: Change['kind']): void {
  if (kind?.$case === 'requestPut') {
    const { requestId } = kind.value;
    if (numberOfRequest(requestId) !== undefined) requests.set(requestId, { what: 'waits' });
  } else if (kind?.$case === 'leasePut' && isRequestersOwn(kind.value)) {
    requests.set(kind.value.requestId, { what: 'holds', leaseId: kind.value.id });
  }
}

/** Whether a lease is of a ticket's request, and was not transferred. */
function isRequestersOwn({ requestId, transferredFrom }: Lease): boolean {
  return transferredFrom === '' && numberOfRequest(requestId) !== undefined;
}

function newsOf({ changes }: WatchResponse): readonly TicketNews[] {
  const news = changes.flatMap(({ kind }): TicketNews[] => {
    switch (kind?.$case) {
      case 'requestPut':
        return changeOf(kind.value.requestId, { what: 'waits' });
      case 'requestGone': {
        const { requestId, reason, actor, message } = kind.value;
        const why = reasonText('its request left the queue', GoneReason[reason], actor?.name, message);
        return changeOf(requestId, { what: 'ended', why });
      }
      case 'leasePut':
        if (!isRequestersOwn(kind.value)) return [];
        return changeOf(kind.value.requestId, { what: 'holds', leaseId: kind.value.id });
      case 'leaseEnded': {
        const { lease, reason, actor, message } = kind.value;
        if (lease === undefined || !isRequestersOwn(lease)) return [];
        const why = reasonText('its lease ended', EndReason[reason], actor?.name, message);
        return changeOf(lease.requestId, { what: 'ended', why });
      }
      case 'benchPut':
      case 'offerPut':
        return [{ kind: 'supply' }];
      default:
        return [];
    }
  });
  return news;
}

function changeOf(leaseRequest: string, seen: Seen): TicketNews[] {
  return numberOfRequest(leaseRequest) === undefined ? [] : [{ kind: 'change', leaseRequest, seen }];
}

function reasonText(what: string, reason: string | undefined, actor = '', message = ''): string {
  const words = (reason ?? 'unknown').toLowerCase().replaceAll('_', ' ');
  const by = actor === '' ? words : `${words} by ${actor}`;
  return `${what}: ${by}${message === '' ? '' : `: ${message}`}`;
}

function isRefusal(error: unknown, ...reasons: readonly string[]): boolean {
  return error instanceof BerthError && error.described && reasons.includes(error.reason);
}
