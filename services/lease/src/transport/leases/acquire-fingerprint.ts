import { HoldMode } from '@berth/proto/berth/lease/v1/lease';
import { AcquireRequest } from '@berth/proto/berth/lease/v1/lease_service';
import { payloadOf } from '@berth/server';
import { markedFingerprint } from '../commands/marked-fingerprint.js';
import { DEFAULT_PRIORITY } from './cap-priority.js';

/**
 * The fingerprint of an Acquire, where a default that is stated counts as nothing. Every cycle of a lease needs one, so the
 * message is not copied through and through where no map has two entries: then there is nothing to bring into order.
 */
export function acquireFingerprint(owner: string, message: AcquireRequest): string {
  const { priority, hold, reconnectGrace, requirements } = message;
  const isGraceful = reconnectGrace !== undefined && (reconnectGrace.seconds !== 0 || reconnectGrace.nanos !== 0);
  const asked: AcquireRequest = {
    ...message,
    lab: '',
    requestId: '',
    tellOnce: false,
    priority: priority === DEFAULT_PRIORITY ? undefined : priority,
    hold: hold === HoldMode.CONNECTION ? HoldMode.UNSPECIFIED : hold,
    reconnectGrace: isGraceful ? reconnectGrace : undefined,
    requirements: requirements.some(({ count }) => count === 1)
      ? requirements.map((one) => (one.count === 1 ? { ...one, count: undefined } : one))
      : requirements,
  };
  const payload = isInOrder(message) ? AcquireRequest.encode(asked).finish() : payloadOf(AcquireRequest, asked);
  return markedFingerprint('Acquire', owner, payload);
}

function isInOrder({ labels, requirements }: AcquireRequest): boolean {
  return isShort(labels) && requirements.every((requirement) => isShort(requirement.labels));
}

function isShort(map: Readonly<Record<string, string>>): boolean {
  let entries = 0;
  for (const _ in map) entries += 1;
  return entries < 2;
}
