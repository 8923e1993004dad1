import type { Booking, Shortfall, Span, StoredState } from '../model/booking.js';
import { SHARE } from '../model/cluster.js';
import { labOf } from '../model/names.js';
import { chooseAgain } from './choose-benches.js';
import type { Draft } from './draft.js';
import { isOpen } from './is-open.js';
import type { Lacking } from './lacking.js';
import { shortfallOf } from './lacking.js';

/** A booking before it is put: what follows from where it is put is missing. */
export type Unplaced = Omit<
  Booking,
  'version' | 'updatedMs' | 'order' | 'spans' | 'state' | 'lab' | 'shortfall' | 'retryMs'
>;

/** How a booking is made firm. */
export interface Firm {
  readonly to: 'BOOKED' | 'HELD';
  /** What it is when the lab refuses it. */
  readonly back: StoredState;
  readonly force?: boolean;
}

/** Puts a firm booking; one of benches waits for the lab until it is settled. */
export function putFirm(draft: Draft, booking: Unplaced, spans: readonly Span[], { to, back, force }: Firm): Booking {
  const fixed = spans.map(withoutCandidates);
  if (labOf(draft.state.root) === undefined) return draft.putBooking({ ...booking, spans: fixed, state: to });
  const lab = {
    step: 'PUT',
    version: nextVersion(draft, booking.id),
    spans,
    to,
    back,
    ...(force && { force }),
  } as const;
  return draft.putBooking({ ...booking, spans: fixed, state: 'PENDING', lab });
}

/** Puts a booking that waits for room. */
export function putWaiting(draft: Draft, booking: Unplaced, spans: readonly Span[], shortfall?: Shortfall): Booking {
  return draft.putBooking({ ...booking, spans, state: 'PROVISIONAL', ...(shortfall && { shortfall }) });
}

/** The version that the next change of a booking has. */
export function nextVersion({ state }: Draft, id: string): number {
  return (state.bookings.get(id)?.version ?? 0) + 1;
}

/** What a booking in a cluster that is itself provisional lacks: all of it. */
export function closedOf(draft: Draft, spans: readonly Span[]): Lacking | undefined {
  const span = spans.find(({ cluster }) => !isOpen(draft.state, cluster));
  if (span === undefined) return undefined;
  const { cluster, startMs, endMs, amounts, share } = span;
  const [amount, shortfall] = Object.entries(amounts)[0] ?? [SHARE, share ?? 0];
  return { cluster, startMs, endMs, amount, shortfall };
}

/**
 * Makes a waiting booking firm if all of it fits. Of its benches those are chosen that are free now. Answers what lacks; undefined
 * when it is firm.
 */
export function promote(draft: Draft, booking: Booking): Lacking | undefined {
  const closed = closedOf(draft, booking.spans);
  if (closed !== undefined) return closed;
  const spans = chooseAgain(draft.state, booking.spans);
  const { state: back, spans: _1, shortfall: _2, retryMs: _3, refusal: _4, ...rest } = booking;
  const admitted = draft.admit(() => putFirm(draft, { ...rest, reason: '' }, spans, { to: 'BOOKED', back }));
  if ('lacking' in admitted) return admitted.lacking;
  draft.notice('PROMOTED', booking.id, 'there is room: it is firm now.');
  return undefined;
}

/** What is in the way of a waiting booking, as things are; undefined when nothing is. */
export function inTheWay(draft: Draft, booking: Booking): Shortfall | undefined {
  const lacking = draft.suppose(() => promote(draft, booking));
  return lacking && shortfallOf(draft.state, lacking, booking.spans, [booking.id]);
}

/** A span as a firm booking has it: its benches are chosen. */
export function withoutCandidates(span: Span): Span {
  if (span.wish?.candidates === undefined) return span;
  const { count, requirement } = span.wish;
  return { ...span, wish: { count, requirement } };
}
