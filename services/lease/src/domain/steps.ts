import type { Lease } from './entities.js';
import type { LeaseEvent } from './events.js';
import type { LabState } from './state.js';

/**
 * What an append must check and set beside the events, in the same atomic step. The same shape as the log's steps (see
 * EventLog in packages/storage), stated here again because the domain knows no store.
 */
export type Step =
  | { readonly kind: 'hold'; readonly bench: string; readonly lease: string; readonly event: number }
  | { readonly kind: 'free'; readonly bench: string; readonly lease: string }
  | { readonly kind: 'arm'; readonly lease: string; readonly ttlMs: number }
  | { readonly kind: 'disarm'; readonly lease: string }
  | { readonly kind: 'overdue'; readonly lease: string }
  | { readonly kind: 'sessionAlive'; readonly session: string }
  | { readonly kind: 'sessionGone'; readonly session: string }
  | { readonly kind: 'fresh'; readonly id: string }
  | {
      readonly kind: 'remember';
      readonly id: string;
      readonly value: string;
      readonly ttlMs: number;
      readonly stamped?: true;
    };

/** What a request id is answered with once it is over: what was asked (fingerprint), and what became of it. */
export interface Answer {
  readonly fingerprint: string;
  /** Why a request ended; 'answer' for a mutation, 'done' for one that an earlier version carried out. */
  readonly end: string;
  /** For people, or a mutation's answer. */
  readonly message: string;
}

/** An answer as the store keeps it. */
export function answerText({ fingerprint, end, message }: Answer): string {
  return `${fingerprint} ${end} ${message}`;
}

export function readAnswer(text: string): Answer {
  const [fingerprint = '', end = '', ...message] = text.split(' ');
  return { fingerprint, end, message: message.join(' ') };
}

/** The steps that an event needs; `state` is the state before it, `index` its place among the append's events. */
export function stepsOf(state: LabState, event: LeaseEvent, index: number): readonly Step[] {
  switch (event.type) {
    case 'RequestQueued': {
      // Checked here, written when it ends: while it waits or holds, the state is what knows it (and is as durable, being
      // the log). Can one id be queued twice? Two replicas that get it at the same moment both plan on revision n, find it
      // neither in the state nor answered, and append with `expected` n. The store takes one, at n+1; the other's append
      // is a conflict, so it applies n+1, plans again, and finds the request in its state: its caller is attached to it.
      // Nor does an id come back between its end and its answer: both are written by one append. Planned before
      // that append, the repeat is a conflict too; planned after it, or later in the same one, this check refuses it.
      const { named, requestId } = event.spec;
      return named ? [{ kind: 'fresh', id: requestId }] : [];
    }
    case 'RequestGone': {
      const spec = state.requests.get(event.requestId)?.spec;
      if (spec?.named !== true) return [];
      const { fingerprint } = spec;
      return [answerStep(state, spec.requestId, { fingerprint, end: event.reason, message: event.message })];
    }
    case 'LeaseGranted': {
      const request = state.requests.get(event.requestId);
      const steps: Step[] = event.benches.map((bench) => ({ kind: 'hold', bench, lease: event.leaseId, event: index }));
      // The caller's stream must still be there when the grant is committed: it hangs on a session of a server process,
      // and a process that is gone, or was paused past its session's end, could not tell the caller. An unattended request
      // has no session: its caller asks for what became of it.
      const { session = '' } = request ?? {};
      if (session !== '') steps.push({ kind: 'sessionAlive', session });
      if (request?.spec.ttlMs !== undefined)
        steps.push({ kind: 'arm', lease: event.leaseId, ttlMs: request.spec.ttlMs });
      return steps;
    }
    case 'LeaseTransferred': {
      const steps = endSteps(state.leases.get(event.leaseId), event.leaseId);
      for (const bench of state.leases.get(event.leaseId)?.benches ?? []) {
        steps.push({ kind: 'hold', bench: bench.spec.name, lease: event.newLeaseId, event: index });
      }
      if (event.ttlMs !== undefined) steps.push({ kind: 'arm', lease: event.newLeaseId, ttlMs: event.ttlMs });
      return steps;
    }
    case 'LeaseEnded': {
      const lease = state.leases.get(event.leaseId);
      const steps = endSteps(lease, event.leaseId, event.reason === 'EXPIRED');
      if (lease?.spec.named === true) {
        const message = `${lease.id} ${event.message}`;
        const { fingerprint } = lease.spec;
        steps.push(answerStep(state, lease.spec.requestId, { fingerprint, end: event.reason, message }));
      }
      return steps;
    }
    default:
      return [];
  }
}

function endSteps(lease: Lease | undefined, id: string, expired = false): Step[] {
  const steps: Step[] = [];
  if (lease === undefined) return steps;
  for (const bench of lease.benches) steps.push({ kind: 'free', bench: bench.spec.name, lease: id });
  if (expired) steps.push({ kind: 'overdue', lease: id });
  else if (lease.ttlMs !== undefined) steps.push({ kind: 'disarm', lease: id });
  return steps;
}

function answerStep(state: LabState, id: string, answer: Answer): Step {
  return { kind: 'remember', id, value: answerText(answer), ttlMs: state.rules.keepAnswersMs };
}
