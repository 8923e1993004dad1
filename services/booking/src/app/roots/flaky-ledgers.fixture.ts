// Ledgers whose calls take their time, get no answer, or are done late.
import { BerthError } from '@berth/kernel';
import type { SeededRandom } from '@berth/testkit';
import type { Ledgers } from '../../ports/ledger.js';

export interface FlakyLedgers {
  readonly ledgers: Ledgers;
  /** From now on every call is answered; resolves when what was late is done. */
  calm(): Promise<void>;
}

/** Ledgers of which some methods are others. */
export function hooked(ledgers: Ledgers, hooks: Partial<Ledgers>): Ledgers {
  return {
    roots: () => ledgers.roots(),
    has: (root) => ledgers.has(root),
    add: (root) => ledgers.add(root),
    append: (...args) => ledgers.append(...args),
    read: (...args) => ledgers.read(...args),
    newestSnapshot: (root) => ledgers.newestSnapshot(root),
    newestSnapshotSequence: (root) => ledgers.newestSnapshotSequence(root),
    saveSnapshot: (...args) => ledgers.saveSnapshot(...args),
    trim: (...args) => ledgers.trim(...args),
    ...hooks,
  };
}

/** Of ten appends one gets no answer although it is done, one is done late, one not at all; of ten reads one fails. */
export function flakyLedgers(ledgers: Ledgers, random: SeededRandom): FlakyLedgers {
  let isCalm = false;
  const late: Promise<unknown>[] = [];
  const turns = async (most: number): Promise<void> => {
    for (let left = random.int(most); left > 0; left -= 1) await new Promise(setImmediate);
  };
  const append: Ledgers['append'] = async (...args) => {
    const fate = isCalm ? 9 : random.int(10);
    if (!isCalm) await turns(4);
    if (fate === 0) throw noAnswer();
    if (fate === 1) {
      late.push(turns(40).then(() => ledgers.append(...args)));
      throw noAnswer();
    }
    const mark = await ledgers.append(...args);
    if (fate === 2) throw noAnswer();
    return mark;
  };
  const read: Ledgers['read'] = async (...args) => {
    if (!isCalm) await turns(4);
    if (!isCalm && random.int(10) === 0) throw noAnswer();
    return ledgers.read(...args);
  };
  return {
    ledgers: hooked(ledgers, { append, read }),
    calm: async () => {
      isCalm = true;
      await Promise.all(late);
    },
  };
}

function noAnswer(): BerthError {
  return new BerthError('STORE_UNAVAILABLE', 'the store gave no answer');
}
