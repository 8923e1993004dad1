import type { Actor } from '@berth/kernel';
import type { CollectionStore } from '@berth/storage';
import { openMongoCollectionStore, openSqliteCollectionStore } from '@berth/storage';
import type { Allocation } from '../../services/tracker/src/domain/index.js';
import { confirm, newIntent, release } from '../../services/tracker/src/domain/index.js';

/** Where documents are kept: an SQLite data directory, or a database of a MongoDB. */
export interface Place {
  readonly dir?: string;
  readonly mongo?: { readonly url: string; readonly database: string };
}

/** One allocation every so often, so that a time holds as many of them in a small table as in a large one. */
export const SPACING_MS = 6000;
export const OWNERS = 100;
export const BENCHES = 50;

const ACTOR: Actor = { name: 'bench', kind: 'caller' };

export function openPlace({ dir, mongo }: Place): Promise<CollectionStore> {
  if (mongo !== undefined) return openMongoCollectionStore(mongo);
  return openSqliteCollectionStore({ dir: dir ?? ':memory:' });
}

/** What the tracker would have written for a lease of a minute that began `i` spacings before `nowMs`. */
export function finishedAllocation(i: number, nowMs: number): Allocation {
  const atMs = nowMs - i * SPACING_MS;
  const bench = `bench-${String(i % BENCHES)}`;
  const spec = {
    kind: 'lease',
    owner: `owner-${String(i % OWNERS)}`,
    application: 'berth',
    labels: [`bench=${bench}`, 'lab=default'],
    attributes: [`bench=${bench}`, `lease=ls-${String(i)}`],
    externalId: bench,
    protected: false,
    parent: `lease/default/ls-${String(i)}`,
  };
  const intent = { ...newIntent({ id: idOf(i), spec, timeoutMs: 3_600_000 }, ACTOR, atMs), request: `r-${String(i)}` };
  const held = confirm({ attributes: [] })(intent, ACTOR, atMs) ?? intent;
  return release('released')(held, ACTOR, atMs + 60_000) ?? held;
}

/** What the tracker writes for an intent of the ingest benchmark. */
export function freshIntent(id: string, nowMs: number): Allocation {
  const spec = {
    kind: 'vm',
    owner: 'ci',
    application: 'bench',
    labels: ['job=17', 'stage=test'],
    attributes: [],
    protected: false,
  };
  const intent = newIntent({ id, spec, timeoutMs: 3_600_000 }, ACTOR, nowMs);
  return { ...intent, request: `request-${id}`, fingerprint: FINGERPRINT };
}

const FINGERPRINT = 'f'.repeat(43);

export function idOf(i: number): string {
  return `al-bench-${String(i).padStart(8, '0')}`;
}
