import { type Candidate, ConditionState, durationToMs, type Queued } from '@berth/client';
import {
  clockText,
  cut,
  printable,
  queuedView,
  sinceText,
  spanText,
  stateName,
  untilText,
  waitReasonText,
} from '@berth/views';

/** Shows people, or programs, where a request stands while it waits. All of it goes to stderr. */
export interface WaitDisplay {
  readonly queued: (queued: Queued) => void;
  /** The connection broke and is being made again. */
  readonly reconnecting: (why: string) => void;
  /** Clears what is redrawn; to be called before anything else is written. */
  readonly done: () => void;
}

const MOST_CANDIDATES = 8;

/** What is known of the place in the queue, as lines for people. */
export function waitLines(queued: Queued, wanted: string, waitedMs: number, now: Date): string[] {
  const { position, waiting, estimatedWait, candidates, candidateTotal } = queued;
  const estimate = estimatedWait ? `; ${estimateText(durationToMs(estimatedWait))} (an estimate)` : '';
  const of = waiting > 1 ? ` (${String(waiting)} wait in the lab)` : '';
  const why = waitReasonText(queued);
  const head = `waiting for ${wanted}: place ${String(position)}${of}, ${spanText(waitedMs)} so far${estimate}${why && `; ${why}`}`;
  const shown = candidates.slice(0, MOST_CANDIDATES).map((candidate) => `  ${candidateText(candidate, now)}`);
  const more = candidateTotal - shown.length;
  const offers = queued.offers.map(
    ({ pool, blockedReason }) => `  pool ${pool}: ${blockedReason === '' ? 'makes one' : blockedReason}`,
  );
  return [head, ...shown, ...(more > 0 ? [`  and ${String(more)} more`] : []), ...offers];
}

function estimateText(ms: number): string {
  return ms < 1000 ? 'any moment now' : `about ${spanText(ms)} more`;
}

/** One bench that could serve: `resource1  held by tony since 12:03 (4m): nightly flash`. */
export function candidateText(candidate: Candidate, now: Date): string {
  const { bench, condition, holder, holderDescription, heldSince, expireTime, claimedBy, bookedBy } = candidate;
  const state = condition?.state ?? ConditionState.READY;
  const until = untilText(expireTime, now);
  const out =
    state === ConditionState.READY
      ? ''
      : `${stateName(state)} by ${condition?.actor?.name ?? 'somebody'}: ${condition?.reason ?? ''}${condition?.until ? `, until ${untilText(condition.until, now)}` : ''}`;
  const held = `held by ${holder} since ${sinceText(heldSince, now)}${until && `, ends ${until}`}${holderDescription && `: ${holderDescription}`}`;
  const cleaned = candidate.cleaning ? 'being cleaned' : '';
  const kept = claimedBy === '' ? '' : `kept for ${claimedBy}`;
  const { bookedFrom = now, bookedUntil } = candidate;
  const booked = `booked by ${bookedBy} from ${clockText(bookedFrom, now)} until ${untilText(bookedUntil, now)}`;
  const parts = [holder === '' ? '' : held, cleaned, out, kept, bookedBy === '' ? '' : booked].filter(
    (part) => part !== '',
  );
  return `${bench}  ${parts.length > 0 ? parts.join('; then ') : 'free'}`;
}

/** Redrawn in place every second, on a terminal. */
export function terminalDisplay(wanted: string, stream: NodeJS.WriteStream): WaitDisplay {
  const start = Date.now();
  let last: Queued | undefined;
  let note = '';
  let drawn = 0;
  function clear(): void {
    if (drawn > 0) stream.write(`\u001b[${String(drawn)}A\u001b[J`);
    drawn = 0;
  }
  function draw(): void {
    if (!last) return;
    const lines = [...waitLines(last, wanted, Date.now() - start, new Date()), ...(note ? [note] : [])];
    clear();
    stream.write(lines.map((line) => `${cut(printable(line), stream.columns)}\n`).join(''));
    drawn = lines.length;
  }
  const timer = setInterval(draw, 1000);
  timer.unref();
  return {
    queued(queued) {
      last = queued;
      note = '';
      draw();
    },
    reconnecting(why) {
      note = `  ${reconnectingText(why)}`;
      draw();
    },
    done() {
      clearInterval(timer);
      clear();
    },
  };
}

/** When to say again where a request stands, where it is told by lines. */
export interface Reminder {
  /** After so long without a line; 0 = never. */
  readonly afterMs: number;
  /** Calls back after a span; returns what cancels that. */
  readonly after: (ms: number, run: () => void) => () => void;
}

/**
 * A line for each piece of news, where nothing can be redrawn: of the place, and of holder, condition, claim and reason of the
 * benches that could serve. Waits of others for other benches are no news. Continuous integration ends jobs that are silent,
 * so the last is said again after a while.
 */
export function lineDisplay(wanted: string, write: (line: string) => void, reminder: Reminder): WaitDisplay {
  const start = Date.now();
  let last: Queued | undefined;
  let before = new Map<string, string>();
  let cancel = (): void => undefined;
  function tellStanding(queued: Queued, changed: (candidate: Candidate) => boolean): void {
    const now = new Date();
    const candidates = [...queued.candidates].sort((a, b) => Number(changed(b)) - Number(changed(a)));
    const [head = '', ...lines] = waitLines({ ...queued, candidates }, wanted, Date.now() - start, now);
    say([head, ...lines.map((line) => line.trim())].join(' | '));
  }
  function say(line: string): void {
    write(printable(line));
    cancel();
    if (reminder.afterMs === 0) return;
    cancel = reminder.after(reminder.afterMs, () => {
      if (last) tellStanding(last, () => false);
      else say(`still waiting for ${wanted}, ${spanText(Date.now() - start)} so far`);
    });
  }
  return {
    queued(queued) {
      const [old, news] = [before, newsOf(queued)];
      before = news;
      last = queued;
      const isNews = news.size !== old.size || [...news].some(([what, text]) => old.get(what) !== text);
      if (isNews) tellStanding(queued, ({ bench }) => old.size > 0 && news.get(bench) !== old.get(bench));
    },
    reconnecting(why) {
      say(reconnectingText(why));
    },
    done() {
      cancel();
    },
  };
}

/** What is news when it changes, by bench, and for the request as a whole. Spans and estimates differ each time. */
function newsOf({ position, reason, candidates, candidateTotal, offers, claimedBenches }: Queued): Map<string, string> {
  const whole = [
    position,
    reason,
    candidateTotal,
    claimedBenches,
    offers.map(({ pool, blockedReason }) => [pool, blockedReason]),
  ];
  return new Map([
    ['', JSON.stringify(whole)],
    ...candidates.map((candidate): [string, string] => {
      const { bench, holder, holderDescription, heldSince, condition, claimedBy, cleaning } = candidate;
      const { bookedBy, bookedFrom, bookedUntil } = candidate;
      const { state, reason: why, until, actor } = condition ?? {};
      const held = [holder, holderDescription, heldSince, claimedBy, cleaning];
      const facts = [...held, state, why, until, actor?.name, bookedBy, bookedFrom, bookedUntil];
      return [bench, JSON.stringify(facts)];
    }),
  ]);
}

/** A JSON object a line; the last is said again after a while without one. */
export function jsonDisplay(write: (line: string) => void, reminder: Reminder): WaitDisplay {
  let cancel = (): void => undefined;
  function say(line: string): void {
    write(line);
    cancel();
    if (reminder.afterMs > 0)
      cancel = reminder.after(reminder.afterMs, () => {
        say(line);
      });
  }
  return {
    queued(queued) {
      say(JSON.stringify({ event: 'queued', ...queuedView(queued) }));
    },
    reconnecting(why) {
      say(JSON.stringify({ event: 'reconnecting', message: why }));
    },
    done() {
      cancel();
    },
  };
}

function reconnectingText(why: string): string {
  return `the connection broke (${why}); trying again`;
}
