import type { Interval as IntervalMessage, TimeRange } from '@berth/proto/berth/booking/v1/time';
import type { Actor } from '@berth/proto/berth/type/v1/actor';
import { actorOf } from '@berth/server';
import { SYSTEM } from '@berth/kernel';
import { FOREVER_MS } from '../domain/model/cluster.js';
import type { Interval } from '../domain/time/interval.js';

function endOf(endMs: number): Date | undefined {
  return endMs >= FOREVER_MS ? undefined : new Date(endMs);
}

/** An interval; one that does not end has no end. */
export function intervalOf({ startMs, endMs }: Interval): IntervalMessage {
  return { startTime: new Date(startMs), endTime: endOf(endMs) };
}

/** An interval as a range of instants, which can be sent back. */
export function rangeOf({ startMs, endMs }: Interval): TimeRange {
  const end = endOf(endMs);
  return {
    start: { at: { $case: 'time', value: new Date(startMs) } },
    end: end && { at: { $case: 'time', value: end } },
    timeZone: '',
  };
}

/** The actor of a name, as it is kept. */
export function actorNamed(name: string): Actor {
  return actorOf({ name, kind: name === SYSTEM.name ? 'system' : 'caller' });
}

/** Amounts as a message may have them. */
export function amountsOf(amounts: Readonly<Record<string, number>>): Record<string, number> {
  return { ...amounts };
}
