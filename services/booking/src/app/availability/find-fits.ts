import { orderedId } from '@berth/kernel';
import { findFits } from '../../domain/availability/find-fits.js';
import type { Booking } from '../../domain/model/booking.js';
import type { CreateBooking, SpanAsk } from '../../domain/model/commands.js';
import { planEntry } from '../../domain/plan/plan-entry.js';
import { noSuchCluster } from '../../domain/plan/refusals.js';
import type { RootState } from '../../domain/state/root-state.js';
import type { Interval } from '../../domain/time/interval.js';
import type { Amounts } from '../../domain/timeline/rows.js';
import type { FitAnswer } from '../booking-app.js';
import type { BookingContext } from '../booking-context.js';
import { wishesOf } from '../bookings/booking-wishes.js';
import type { BookingInput, Call, RangeInput } from '../inputs.js';
import { resolveSpans, rootOfSpans } from '../resolve/resolve-spans.js';
import { intervalOf } from '../resolve/resolve-times.js';
import { inUnits } from './get-availability.js';

export interface FindFitsInput {
  readonly booking: BookingInput;
  readonly durationMs: number;
  readonly window: RangeInput;
  readonly count: number;
}

/** So many starts are tried of what a timeline alone cannot tell: shares, and benches by what they must be. */
const MOST_TRIES = 2000;

/** Finds the earliest starts at which something would fit. */
export async function answerFits(
  context: BookingContext,
  { booking, durationMs, window: range, count }: FindFitsInput,
  call: Call,
): Promise<readonly FitAnswer[]> {
  // The range of the span is not asked for: it has that of the window.
  const spans = booking.spans.map(({ range: _, ...span }) => ({ range, ...span }));
  const replica = await rootOfSpans(context, spans);
  const { asks, ofBenches } = await resolveSpans(context, replica, spans);
  const [ask] = asks;
  if (ask === undefined) return [];
  const cluster = ask.cluster ?? replica.root;
  const window = await intervalOf(context, replica, cluster, range);
  const need = asks.length === 1 ? needOf(ask) : undefined;
  if (need !== undefined) {
    return replica.read((state) => {
      if (!state.clusters.has(cluster)) throw noSuchCluster(cluster, 'booking.spans[0].cluster');
      const fits = findFits(state.timeline(cluster), { window, durationMs, need, most: count });
      const benches = ofBenches ? Object.keys(need) : [];
      return fits.map(({ startMs, latestStartMs }) => ({
        startMs,
        endMs: startMs + durationMs,
        latestStartMs,
        benches,
      }));
    });
  }
  const { settings, clock } = context;
  const wishes = { ...wishesOf(booking, call.by, ofBenches, settings), whenFull: 'REFUSE' as const };
  const of = (startMs: number): CreateBooking => ({
    kind: 'createBooking',
    id: orderedId('bk', startMs),
    wishes,
    spans: asks.map(({ startMs: _1, endMs: _2, ...what }) => ({ startMs, endMs: startMs + durationMs, ...what })),
    by: { actor: call.by.actor, operator: true },
    key: { id: '', fingerprint: '' },
  });
  return replica.read((state) => tried(state, cluster, { window, durationMs, count, nowMs: clock.now(), of }));
}

interface Tries {
  readonly window: Interval;
  readonly durationMs: number;
  readonly count: number;
  readonly nowMs: number;
  readonly of: (startMs: number) => CreateBooking;
}

/**
 * Tries each start at which something changes: room begins where a booking ends or capacity begins. What fits from one of them
 * on is the next fit after it that does not overlap it.
 */
function tried(state: RootState, cluster: string, { window, durationMs, count, nowMs, of }: Tries): FitAnswer[] {
  const found: FitAnswer[] = [];
  let tries = 0;
  let fromMs = window.startMs;
  for (const startMs of changesOf(state, cluster, window)) {
    if (found.length >= count || tries >= MOST_TRIES || startMs + durationMs > window.endMs) break;
    if (startMs < fromMs) continue;
    tries += 1;
    const made = tryAt(state, of(startMs), nowMs);
    if (made === undefined) continue;
    const benches = made.spans.flatMap(({ wish, amounts }) => (wish === undefined ? [] : Object.keys(amounts)));
    const endMs = startMs + durationMs;
    found.push({ startMs, endMs, latestStartMs: startMs, benches });
    fromMs = endMs;
  }
  return found;
}

function tryAt(state: RootState, command: CreateBooking, nowMs: number): Booking | undefined {
  const plan = planEntry(state, [command], nowMs);
  try {
    const [answer] = plan.answers;
    return answer !== undefined && 'done' in answer ? state.bookings.get(answer.done.id) : undefined;
  } finally {
    plan.drop();
  }
}

/** The start of a window, and the instants in it at which more of anything is left than before. */
function changesOf(state: RootState, cluster: string, { startMs, endMs }: Interval): readonly number[] {
  const timeline = state.timeline(cluster);
  const instants = new Set([startMs]);
  for (const amount of timeline.names()) {
    for (const piece of timeline.pieces(amount, startMs, endMs)) instants.add(piece.startMs);
  }
  return [...instants].sort((a, b) => a - b);
}

/** What must be left, in units, where the timeline alone tells; undefined where it does not. */
function needOf({ amounts, template, benches }: SpanAsk): Amounts | undefined {
  if (amounts !== undefined) return inUnits(amounts);
  if (template !== undefined) {
    const each = Object.entries(template.amounts).map(([name, amount]) => [name, amount * template.count]);
    return inUnits(Object.fromEntries(each) as Amounts);
  }
  if (benches === undefined || !('names' in benches)) return undefined;
  return inUnits(Object.fromEntries(benches.names.map((name) => [name, 1])));
}
