import type { Clock } from '@berth/kernel';
import { Lack as LackMessage } from '@berth/proto/berth/lease/v1/lease_service';
import type { WatchDemandResponse } from '@berth/proto/berth/lease/v1/lease_service';
import type { CallContext, ResponseStream } from '@berth/server';
import { MAX_ANSWER_BYTES } from '@berth/server';
import type { Lab } from '../../app/lab.js';
import type { Lack } from '../../domain/index.js';
import { lacksOf } from '../../domain/index.js';
import { requirementOf } from '../leases/queue-to-proto.js';

/**
 * The least time between two messages: so many times what it took to make the last one, within these bounds. With few who wait
 * whoever makes benches for them is told at once, with a crowd it costs little all the same.
 */
const PAUSE_TIMES = 20;
const LEAST_PAUSE_MS = 5;
const LONGEST_PAUSE_MS = 100;
/** The most time between two messages: within the promised 10 s. */
const SILENCE_MS = 9000;

/**
 * Streams what waiting requests lack, whenever the lab has changed. Each message is made from the state at that moment, so a
 * change is never missed, and what came in between is not told. Ends when the caller hangs up; throws SHUTTING_DOWN.
 */
export async function watchDemand(
  lab: Lab,
  call: CallContext,
  out: ResponseStream<WatchDemandResponse>,
  clock: Clock,
): Promise<void> {
  const { shutdown } = call;
  let isOver = false;
  let isChanged = false;
  let wake = (): void => undefined;
  const reader = lab.changes.read(lab.state.revision, () => {
    isChanged = true;
    wake();
  });
  /** Waits for so long, or until the call is over, or (`orChange`) the lab has changed. */
  const pause = (ms: number, orChange: boolean): Promise<void> =>
    new Promise((resolve) => {
      const timer = clock.after(ms, resolve);
      wake = () => {
        if (!isOver && !shutdown.aborted && !(orChange && isChanged)) return;
        timer.cancel();
        resolve();
      };
      wake();
    });
  const stop = (): void => {
    wake();
  };
  call.onOver(() => {
    isOver = true;
    wake();
  });
  shutdown.addEventListener('abort', stop, { once: true });
  try {
    for (;;) {
      isChanged = false;
      const beganMs = clock.monotonic();
      const demand = demandOf(lab);
      const tookMs = clock.monotonic() - beganMs;
      if (!(await out.write(demand))) return;
      const pauseMs = Math.min(LONGEST_PAUSE_MS, Math.max(LEAST_PAUSE_MS, PAUSE_TIMES * tookMs));
      await pause(pauseMs, false);
      await pause(SILENCE_MS - pauseMs, true);
      if (isEnded()) return;
      shutdown.throwIfAborted();
    }
  } finally {
    reader.close();
    shutdown.removeEventListener('abort', stop);
  }

  /** As a call, since it changes while the loop waits. */
  function isEnded(): boolean {
    return isOver;
  }
}

/** What waiting requests lack now. */
function demandOf(lab: Lab): WatchDemandResponse {
  const { state } = lab;
  const { lacks, claimed } = lacksOf(state, lab.now());
  const told: LackMessage[] = [];
  let bytes = 0;
  for (const lack of lacks) {
    const message = lackOf(lack);
    bytes += LackMessage.encode(message).finish().length;
    if (bytes > MAX_ANSWER_BYTES) break;
    told.push(message);
  }
  return { revision: state.revision, lacks: told, claimedBenches: claimed.map(({ spec }) => spec.name) };
}

function lackOf({ requirement, affinity, count, sinceMs, offers }: Lack): LackMessage {
  return {
    requirement: requirementOf(requirement),
    affinity,
    count,
    waitingSince: new Date(sinceMs),
    offers: offers.map(({ pool, weight }) => ({ pool, weight })),
  };
}
