import { type Candidate, ConditionState, durationToMs, type Queued } from '@berth/client';
import { printable } from './printable.js';
import { cut } from './table.js';
import { sinceText, spanText, untilText } from './time-text.js';
import { queuedView, stateName, waitReasonText } from './views.js';

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
  const why = waitReasonText(queued.reason);
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
  const { bench, condition, holder, holderDescription, heldSince, expireTime, claimedBy } = candidate;
  const state = condition?.state ?? ConditionState.READY;
  const until = untilText(expireTime, now);
  const out =
    state === ConditionState.READY
      ? ''
      : `${stateName(state)} by ${condition?.actor?.name ?? 'somebody'}: ${condition?.reason ?? ''}${condition?.until ? `, until ${untilText(condition.until, now)}` : ''}`;
  const held = `held by ${holder} since ${sinceText(heldSince, now)}${until && `, ends ${until}`}${holderDescription && `: ${holderDescription}`}`;
  const parts = [holder === '' ? '' : held, out, claimedBy === '' ? '' : `kept for ${claimedBy}`].filter(
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

/** A line for each change, where nothing can be redrawn. */
export function lineDisplay(wanted: string, write: (line: string) => void): WaitDisplay {
  const start = Date.now();
  let before = '';
  return {
    queued(queued) {
      const now = new Date();
      const holders = queued.candidates.slice(0, MOST_CANDIDATES).map((candidate) => candidateText(candidate, now));
      // Spans and estimates differ each time; only what is news makes a line.
      const { position, waiting, candidates } = queued;
      const news = JSON.stringify([
        position,
        waiting,
        candidates.map(({ bench, holder, claimedBy }) => [bench, holder, claimedBy]),
      ]);
      if (news === before) return;
      before = news;
      const [head = ''] = waitLines(queued, wanted, Date.now() - start, now);
      write(printable([head, ...holders].join(' | ')));
    },
    reconnecting(why) {
      write(printable(reconnectingText(why)));
    },
    done: () => undefined,
  };
}

/** A JSON object a line. */
export function jsonDisplay(write: (line: string) => void): WaitDisplay {
  return {
    queued(queued) {
      write(JSON.stringify({ event: 'queued', ...queuedView(queued) }));
    },
    reconnecting(why) {
      write(JSON.stringify({ event: 'reconnecting', message: why }));
    },
    done: () => undefined,
  };
}

function reconnectingText(why: string): string {
  return `the connection broke (${why}); trying again`;
}
