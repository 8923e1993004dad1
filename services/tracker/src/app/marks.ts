import type { TrackerCollections } from '../ports/collections.js';

/** The mark of the last complete sweep. */
export const SWEEP = 'sweep';
/** The mark of the latest end of all that was ALLOCATED and is forgotten. */
export const FORGOTTEN = 'forgotten';

type Marks = TrackerCollections['marks'];

/** The time of a mark; undefined = it was never set. */
export async function markedMs(marks: Marks, id: string): Promise<number | undefined> {
  return (await marks.get(id))?.value.timeMs;
}

/** Sets a mark to a time unless it is later already: of two at once (a paused process that goes on) the later time stays. */
export async function raiseMark(marks: Marks, id: string, timeMs: number): Promise<void> {
  const mark = { id, timeMs };
  for (;;) {
    const before = await marks.get(id);
    if (before !== undefined && before.value.timeMs >= timeMs) return;
    if (before === undefined) {
      const [result] = await marks.insert([mark]);
      if (result?.outcome === 'inserted') return;
    } else if ((await marks.replace(mark, before.revision)).outcome === 'replaced') {
      return;
    }
  }
}
