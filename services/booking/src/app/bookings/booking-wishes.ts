import type { By } from '@berth/kernel';
import type { BookingWishes } from '../../domain/model/booking.js';
import type { BookingLimits } from '../../domain/model/commands.js';
import type { BookingSettings } from '../booking-context.js';
import type { BookingInput, Call } from '../inputs.js';

const PRIORITY = 50;

/** What a caller says about a booking, with the defaults of what is not said; a span of 0 is none. */
export function wishesOf(
  input: BookingInput,
  { actor }: By,
  ofBenches: boolean,
  { benchReleaseMs, noticeMs }: BookingSettings,
): BookingWishes {
  const { owner, description, labels, priority = PRIORITY, whenFull, resolveByMs } = input;
  const releaseAfterMs = input.releaseAfterMs ?? (ofBenches ? benchReleaseMs : 0);
  const notifyBeforeEndMs = input.notifyBeforeEndMs ?? noticeMs;
  const { notifyBeforeStartMs = 0 } = input;
  return {
    owner: owner === '' ? actor.name : owner,
    description,
    labels,
    priority,
    whenFull: whenFull === 'wait' ? 'WAIT' : 'REFUSE',
    ...(resolveByMs !== undefined && { resolveByMs }),
    ...(releaseAfterMs > 0 && { releaseAfterMs }),
    ...(notifyBeforeStartMs > 0 && { notifyBeforeStartMs }),
    ...(notifyBeforeEndMs > 0 && { notifyBeforeEndMs }),
  };
}

/** How far the caller's role may go. */
export function limitsOf({ role }: Call, { limits }: BookingSettings): { readonly limits?: BookingLimits } {
  const found = limits.get(role);
  return found === undefined ? {} : { limits: found };
}
