import { invalidField } from '@berth/kernel';
import type { Append } from './event-log.js';

const MOST_EVENTS = 10_000;

/** Throws INVALID_FIELD for a batch that no engine takes: nothing, too many events, or a token from an event that is not there. */
export function checkAppend(batch: Append): void {
  const count = batch.events.length;
  if (count > MOST_EVENTS || (count === 0 && batch.steps.length === 0)) {
    throw invalidField(
      'events',
      `an append takes 1 to ${String(MOST_EVENTS)} events, or only steps; got ${String(count)} events and ${String(batch.steps.length)} steps`,
    );
  }
  for (const [index, step] of batch.steps.entries()) {
    if (step.kind === 'hold' && !(Number.isInteger(step.event) && step.event >= 0 && step.event < count)) {
      throw invalidField(
        `steps[${String(index)}].event`,
        `${String(step.event)} is not an index into ${String(count)} events`,
      );
    }
  }
}
