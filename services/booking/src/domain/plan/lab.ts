import type { Booking, Refusal, Span } from '../model/booking.js';
import { extentOf, isFirm, isOver } from '../model/booking.js';
import type { BenchLost, Settle } from '../model/commands.js';
import type { Done } from '../model/ledger.js';
import { bookingOf, withoutOwn } from './change-bookings.js';
import { chooseAgain } from './choose-benches.js';
import type { Draft } from './draft.js';
import { putFreed } from './free-booking.js';
import { nextVersion, withoutCandidates } from './place.js';

/** After how long a waiting booking that a lab refused is tried again: what is in its way there gives no room here. */
const RETRY_MS = 60_000;

/** Settles a step at the lab. A step of another version is over: nothing changes. */
export function planSettle(draft: Draft, { id, version, refusal }: Settle): Done {
  const done = { id, bookings: [id] };
  const booking = bookingOf(draft, id);
  const { lab } = booking;
  if (lab?.version !== version) return done;
  if (lab.step === 'FREE') settleFree(draft, booking, lab, refusal);
  else if (refusal === undefined) {
    const { lab: _1, refusal: _2, ...rest } = booking;
    const spans = (lab.spans ?? booking.spans).map(withoutCandidates);
    const moved =
      isFirm(booking) && booking.reserved !== undefined && benchesText(spans) !== benchesText(booking.spans);
    draft.putBooking({ ...rest, spans, state: lab.to, reserved: version });
    if (moved) draft.notice('MOVED', id, `it has ${benchesText(spans)} now.`);
  } else settleRefused(draft, booking, lab, refusal);
  return done;
}

function benchesText(spans: readonly Span[]): string {
  return spans.flatMap(({ amounts }) => Object.keys(amounts)).join(', ');
}

type Step = NonNullable<Booking['lab']>;

function settleFree(draft: Draft, booking: Booking, lab: Step, refusal: Refusal | undefined): void {
  const { lab: _1, refusal: _2, ...rest } = booking;
  if (refusal !== undefined) {
    // Refused since it is used: then it is no no-show.
    const kept = lab.ifUnused === true ? { usedMs: booking.usedMs ?? draft.nowMs } : { refusal };
    draft.putBooking({ ...rest, ...kept, state: lab.back });
    return;
  }
  const to = lab.to === 'RELEASED' || lab.to === 'EXPIRED' ? lab.to : 'CANCELLED';
  putFreed(draft, booking, { to, why: lab.why ?? '' });
  if (to !== 'CANCELLED') draft.notice(to, booking.id, lab.why ?? '');
}

function settleRefused(draft: Draft, booking: Booking, lab: Step, refusal: Refusal): void {
  const { lab: _1, refusal: _2, ...others } = booking;
  const rest = { refusal, ...others };
  const reason = refusal.message;
  if (lab.back === 'CANCELLED') {
    draft.putBooking({
      ...rest,
      state: 'CANCELLED',
      reason,
      freedMs: Math.min(draft.nowMs, extentOf(booking).startMs),
    });
  } else if (lab.back === 'PROVISIONAL' || lab.back === 'UNRESOLVED') {
    draft.putBooking({
      ...rest,
      spans: lab.spans ?? booking.spans,
      state: lab.back,
      reason,
      retryMs: draft.nowMs + RETRY_MS,
    });
  } else draft.putBooking({ ...rest, state: lab.back });
}

/**
 * Tells that benches of a booking cannot be used: where they were chosen by a wish, others that are free are taken instead; else
 * it is DEGRADED until all of them can be used.
 */
export function planBenchLost(draft: Draft, { id, lost, why, candidates }: BenchLost): Done {
  const done = { id, bookings: [id] };
  const booking = bookingOf(draft, id);
  if (!isFirm(booking) || isOver(booking, draft.nowMs) || booking.lab !== undefined) return done;
  const { benchLost: was = false, reason: _, ...rest } = booking;
  if (lost.length === 0) {
    if (!was) return done;
    const { benchLost: _1, ...sound } = booking;
    const degraded = booking.belowUntilMs !== undefined;
    draft.putBooking({ ...sound, degraded, reason: degraded ? booking.reason : '' });
    if (!degraded) draft.notice('RESTORED', id, 'its benches can be used again.');
    return done;
  }
  if (candidates !== undefined && moveTo(draft, booking, lost, candidates)) return done;
  if (was && booking.reason === why) return done;
  draft.putBooking({ ...rest, degraded: true, benchLost: true, reason: why });
  if (!was) draft.notice('DEGRADED', id, why);
  return done;
}

/** Takes other benches where a wish leaves a choice, as a step at the lab; false when there are none. */
function moveTo(
  draft: Draft,
  booking: Booking,
  lost: readonly string[],
  candidates: NonNullable<BenchLost['candidates']>,
): boolean {
  const usable = candidates.filter(({ bench }) => !lost.includes(bench));
  const meant = booking.spans.filter(
    ({ wish, amounts }) => wish !== undefined && lost.some((bench) => Object.hasOwn(amounts, bench)),
  );
  if (meant.length === 0 || extentOf(booking).startMs <= draft.nowMs) return false;
  if (meant.some(({ wish }) => usable.length < (wish?.count ?? 0))) return false;
  const wished = booking.spans.map((span) =>
    span.wish !== undefined && meant.includes(span) ? { ...span, wish: { ...span.wish, candidates: usable } } : span,
  );
  const spans = withoutOwn(draft, [booking.id], () => chooseAgain(draft.state, wished).map(withoutCandidates));
  const { id, state } = booking;
  const lab = { step: 'PUT', version: nextVersion(draft, id), spans, to: state, back: state } as const;
  return 'made' in draft.admit(() => draft.putBooking({ ...booking, lab }));
}
