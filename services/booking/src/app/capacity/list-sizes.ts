import { invalidField } from '@berth/kernel';
import { getAvailability } from '../../domain/availability/get-availability.js';
import type { Size } from '../../domain/index.js';
import { FOREVER_MS, SHARE, sizesOf, UNIT } from '../../domain/index.js';
import { noSuchCluster } from '../../domain/plan/refusals.js';
import type { RootState } from '../../domain/state/root-state.js';
import { blocksOf } from '../../domain/time/blocks.js';
import type { Interval } from '../../domain/time/interval.js';
import type { BookingContext } from '../booking-context.js';
import type { GridInput, RangeInput } from '../inputs.js';
import { intervalOf, zoneOf } from '../resolve/resolve-times.js';

export type ListedSize = Size & { readonly partial: boolean };

export interface ListSizesInput {
  readonly name: string;
  readonly range?: RangeInput | undefined;
  readonly grid?: GridInput | undefined;
}

const ALWAYS: Interval = { startMs: 0, endMs: FOREVER_MS };
/** What is not told of sizes that nobody set. */
const UNSAID = { parts: [], actor: '', createdMs: 0 };

/** How big a cluster was, is and will be: where that changes, or by blocks, each by its smallest. */
export async function listSizes(context: BookingContext, input: ListSizesInput): Promise<readonly ListedSize[]> {
  const { name, range, grid } = input;
  const replica = await context.roots.of(name, 'name');
  const interval = range && (await intervalOf(context, replica, name, range));
  if (grid === undefined) {
    return replica.read((state) => {
      requireCluster(state, name);
      return sizesOf(state, name, interval ?? ALWAYS).map((size) => ({ partial: false, ...UNSAID, ...size }));
    });
  }
  if (range === undefined || interval === undefined) throw invalidField('range', 'is needed with a calendar.');
  const zone = await zoneOf(context, replica, name, range.zone, range.path);
  const blocks = blocksOf(context.calendar, interval, { zone, ...grid }, range.path);
  return replica.read((state) => {
    requireCluster(state, name);
    const timeline = state.timeline(name);
    const amounts = timeline.names().filter((amount) => amount !== SHARE);
    const answer = getAvailability(timeline, blocks, { amounts, templates: [], levels: false });
    return answer.blocks.map(({ startMs, endMs, partial, firm }) => {
      const granted = firm.amounts.map((one, at): [string, number] => [
        amounts[at] ?? '',
        Math.floor(one.granted / UNIT),
      ]);
      return { startMs, endMs, partial, amounts: Object.fromEntries(granted), ...UNSAID };
    });
  });
}

function requireCluster({ clusters }: RootState, name: string): void {
  if (!clusters.has(name)) throw noSuchCluster(name, 'name');
}
