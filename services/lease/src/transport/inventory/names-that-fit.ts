import { MAX_ANSWER_BYTES } from '@berth/server';
import type { planApplyInventory } from '../../domain/index.js';

type Applied = ReturnType<typeof planApplyInventory>;

/** The names of what an inventory changed, as many as one answer takes, and how many are left out. */
export function namesThatFit({ created, updated, removed, unchanged }: Applied): {
  created: string[];
  updated: string[];
  removed: string[];
  unchanged: string[];
  leftOut: number;
} {
  let bytes = 0;
  let leftOut = 0;
  const fits = (name: string): boolean => {
    bytes += name.length + 3;
    if (bytes <= MAX_ANSWER_BYTES) return true;
    leftOut++;
    return false;
  };
  const lists = {
    created: created.filter(fits),
    updated: updated.filter(fits),
    removed: removed.filter(fits),
    unchanged: unchanged.filter(fits),
  };
  return { ...lists, leftOut };
}
