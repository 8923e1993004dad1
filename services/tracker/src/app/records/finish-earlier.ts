import { pages } from '@berth/documents';
import type { RecordBody } from '../../domain/records/index.js';
import type {
  ChangeDocument,
  RecordCollections,
  RecordDocument,
  RequestDocument,
  Stored,
} from '../../ports/record-collections.js';
import { recordDocument } from './record-document.js';
import type { RecordKinds } from './record-kinds.js';

const PAGE = 500;

/**
 * A record with something left to do, as earlier versions wrote it: they had no writes of several documents at once. `last`
 * is a change that is perhaps not in the history. A held record was changed together with others: its body counts when the
 * transaction `ID#ATTEMPT` was committed, else what was before, which is nothing for a record that was added.
 */
interface EarlierRecord extends RecordDocument {
  readonly hold?: { readonly transaction: string; readonly before?: RecordBody };
  readonly last?: ChangeDocument;
}

type EarlierRequest = Omit<RequestDocument, 'status'> & { readonly status: string; readonly attempt?: number };

/**
 * Finishes or undoes what an earlier version left under way; to be called before records are read or changed. Processes of
 * that version have to be stopped before. Any number of this version may do it at once.
 */
export async function finishEarlier(collections: RecordCollections, kinds: RecordKinds): Promise<void> {
  const { records, changes } = collections;
  for await (const page of pages(records, { where: { chore: { prefix: '' } }, limit: PAGE })) {
    for (const { value, revision } of page) {
      const { id, kind, created, body, hold, last }: EarlierRecord = value;
      const committed = hold === undefined || (await isCommitted(collections, hold.transaction));
      const now = committed ? body : hold.before;
      // The change first: a process that dies in between leaves a record that still says what is to be done.
      if (committed && last !== undefined) await changes.insert([last]);
      if (now === undefined) await records.remove(id, revision);
      else
        await records.replace(recordDocument(await kinds.layoutOf(kind), { id, kind, created, body: now }), revision);
    }
  }
}

/** Whether a transaction was committed. One that is still open never will be: its document is replaced. */
async function isCommitted({ requests }: RecordCollections, transaction: string): Promise<boolean> {
  const id = transaction.slice(0, transaction.lastIndexOf('#'));
  for (;;) {
    const stored: Stored<EarlierRequest> | undefined = await requests.get(id);
    if (stored === undefined || `${id}#${String(stored.value.attempt)}` !== transaction) return false;
    const { status, startedMs, request } = stored.value;
    if (status !== 'open') return status === 'committed';
    await requests.replace({ id, status: 'bound', startedMs, ...(request && { request }) }, stored.revision);
  }
}
