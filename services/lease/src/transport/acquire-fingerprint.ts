import { AcquireRequest } from '@berth/proto/berth/lease/v1/lease_service';
import { fingerprint, payloadFingerprint } from '@berth/server';

/**
 * The same as `fingerprint` gives for an Acquire, for less: where no map has two entries there is nothing to bring into order,
 * so the message is not copied through and through. Every cycle of a lease needs one.
 */
export function acquireFingerprint(owner: string, message: AcquireRequest): string {
  if (!isInOrder(message)) return fingerprint('Acquire', owner, AcquireRequest, message);
  const payload = AcquireRequest.encode({ ...message, lab: '', requestId: '' }).finish();
  return payloadFingerprint('Acquire', owner, payload);
}

function isInOrder({ labels, requirements }: AcquireRequest): boolean {
  return isShort(labels) && requirements.every((requirement) => isShort(requirement.labels));
}

function isShort(map: Readonly<Record<string, string>>): boolean {
  let entries = 0;
  for (const _ in map) entries += 1;
  return entries < 2;
}
