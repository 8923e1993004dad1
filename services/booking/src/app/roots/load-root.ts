import type { Logger } from '@berth/kernel';
import { RootState } from '../../domain/state/root-state.js';
import { restoreRoot } from '../../domain/state/snapshot.js';
import type { Ledgers } from '../../ports/ledger.js';

const READ = 500;

/** The state of a root as of its ledger. */
export interface LoadedRoot {
  readonly state: RootState;
  /** The mark of the last entry in it. */
  readonly mark: string;
}

/**
 * Reads the state of a root from the store: the newest snapshot and what came after it. Where an entry does not follow the one
 * before (a store that lost an entry, or was put back to an older copy), what is there counts, since nothing else does.
 */
export async function loadRoot(ledgers: Ledgers, logger: Logger, root: string): Promise<LoadedRoot> {
  const snapshot = await ledgers.newestSnapshot(root);
  const state = snapshot === undefined ? new RootState(root) : restoreRoot(snapshot.items);
  let mark = snapshot?.mark ?? '';
  for (;;) {
    const entries = await ledgers.read(root, state.sequence, READ);
    const isGap = entries[0] !== undefined && entries[0].entry.sequence > state.sequence + 1;
    // The entries after the snapshot that we have were removed since another one was saved: that one has them.
    if (isGap && (await ledgers.newestSnapshotSequence(root)) > state.sequence) return loadRoot(ledgers, logger, root);
    for (const stored of entries) {
      const { entry, after } = stored;
      if (after !== mark) {
        logger.error({ root, sequence: entry.sequence }, 'an entry of the ledger does not follow the one before');
      }
      state.sequence = entry.sequence - 1;
      state.apply(entry);
      mark = stored.mark;
    }
    if (entries.length < READ) return { state, mark };
  }
}
