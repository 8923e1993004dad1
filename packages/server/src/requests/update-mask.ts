import { didYouMean } from '@berth/kernel';
import type { Faults } from './faults.js';

/**
 * The fields that an update changes: those that its mask names or, without a mask, those that are set. An unknown field, and
 * an update that changes nothing, are faults.
 */
export function parseUpdateMask<Path extends string>(
  mask: readonly string[] | undefined,
  known: readonly Path[],
  isSet: (path: Path) => boolean,
  faults: Faults,
): readonly Path[] {
  if (mask !== undefined && mask.length > 0) {
    return mask.flatMap((path, i) => {
      const found = known.find((one) => one === path);
      if (found !== undefined) return [found];
      const allowed = `Allowed are ${known.join(', ')}`;
      faults.add(`update_mask.paths[${i}]`, `unknown field '${path}'${didYouMean(path, known)} ${allowed}`);
      return [];
    });
  }
  const set = known.filter(isSet);
  if (set.length === 0) {
    faults.add(
      'update_mask',
      `is empty and no field is set, so nothing would change; to clear a field name it: ${known.join(', ')}`,
    );
  }
  return set;
}
