import type { Queued } from '@berth/client';
import { WaitReason } from '@berth/client';

const TEXTS: Readonly<Partial<Record<WaitReason, string>>> = {
  [WaitReason.HELD]: 'every resource like that is in use',
  [WaitReason.CLAIMED]: 'what is free is kept for a better request',
  [WaitReason.UNAVAILABLE]: 'every resource like that is taken out of service',
  [WaitReason.PROVISIONING]: 'a resource is being made',
  [WaitReason.OFFER_BLOCKED]: 'no resource can be made now',
  [WaitReason.KEPT_BACK]: 'what is free is kept back for a better request',
  [WaitReason.CLEANING]: 'a resource is being cleaned after its last use',
  [WaitReason.BOOKED]: 'what is not in use is booked',
  [WaitReason.QUOTA]: 'its owner or team has as many resources as a limit allows',
};

/** Why a ticket waits, for people; '' when that is not known. */
export function waitText({ reason, offers }: Pick<Queued, 'reason' | 'offers'>): string {
  const text = TEXTS[reason] ?? '';
  if (reason === WaitReason.PROVISIONING) return text;
  const blocked = offers.filter(({ blockedReason }) => blockedReason !== '').map((offer) => offer.blockedReason);
  return [text, ...new Set(blocked)].filter((part) => part !== '').join('; ');
}
