import type { SqliteDatabase, SqliteStatement as Statement } from './driver/sqlite-database.js';

interface EntryRow {
  readonly last: number;
  readonly prev: number;
  readonly events: Uint8Array;
}

/** The prepared statements of a log. Each takes the lab's number first. */
export interface Statements {
  readonly insertEntry: Statement<[lab: number, last: number, prev: number, events: Uint8Array]>;
  readonly entriesAfter: Statement<[lab: number, after: number, limit: number], EntryRow>;
  readonly lastRevision: Statement<[lab: number, lab: number], { last: number }>;
  readonly isPosition: Statement<[lab: number, revision: number, lab: number, revision: number], { known: number }>;
  /** Changes no row when another lease holds the bench. */
  readonly hold: Statement<[lab: number, bench: string, lease: string, token: number]>;
  readonly free: Statement<[lab: number, bench: string, lease: string]>;
  readonly holder: Statement<[lab: number, bench: string], { lease: string }>;
  readonly remember: Statement<[lab: number, id: string, value: string, expires: number]>;
  readonly recall: Statement<[lab: number, id: string, now: number], { value: string }>;
  /** The id that so many others lie before, counted from `after`; undefined when there are fewer. */
  readonly answerAfter: Statement<[lab: number, after: string, others: number], { id: string }>;
  /** Up to the last one when `upTo` is null. */
  readonly forgetExpired: Statement<[lab: number, after: string, upTo: string | null, now: number]>;
  readonly snapshot: Statement<[lab: number], { revision: number; data: Uint8Array }>;
  readonly saveSnapshot: Statement<[lab: number, revision: number, data: Uint8Array]>;
  readonly newestUpTo: Statement<[lab: number, limit: number], { last: number | null }>;
  readonly dropUpTo: Statement<[lab: number, limit: number]>;
  readonly setTrimmed: Statement<[trimmed: number, lab: number]>;
  readonly bookmark: Statement<[lab: number, reader: string], { position: number }>;
  readonly lowestBookmark: Statement<[lab: number], { position: number | null }>;
  readonly setBookmark: Statement<[lab: number, reader: string, position: number]>;
  readonly removeBookmark: Statement<[lab: number, reader: string]>;
}

export function prepareStatements(db: SqliteDatabase): Statements {
  return {
    insertEntry: db.prepare('INSERT INTO entry (lab, last, prev, events) VALUES (?, ?, ?, ?)'),
    entriesAfter: db.prepare('SELECT last, prev, events FROM entry WHERE lab = ? AND last > ? ORDER BY last LIMIT ?'),
    lastRevision: db.prepare(`
      SELECT max(trimmed, coalesce((SELECT max(last) FROM entry WHERE lab = ?), 0)) AS last
      FROM lab WHERE id = ?`),
    isPosition: db.prepare(`
      SELECT EXISTS (SELECT 1 FROM entry WHERE lab = ? AND last = ?)
        OR EXISTS (SELECT 1 FROM lab WHERE id = ? AND trimmed = ?) AS known`),
    hold: db.prepare(`
      INSERT INTO held (lab, bench, lease, token) VALUES (?, ?, ?, ?)
      ON CONFLICT (lab, bench) DO UPDATE SET token = excluded.token WHERE lease = excluded.lease`),
    free: db.prepare('DELETE FROM held WHERE lab = ? AND bench = ? AND lease = ?'),
    holder: db.prepare('SELECT lease FROM held WHERE lab = ? AND bench = ?'),
    remember: db.prepare(`
      INSERT INTO answer (lab, id, value, expires) VALUES (?, ?, ?, ?)
      ON CONFLICT (lab, id) DO UPDATE SET value = excluded.value, expires = excluded.expires`),
    recall: db.prepare('SELECT value FROM answer WHERE lab = ? AND id = ? AND expires > ?'),
    answerAfter: db.prepare('SELECT id FROM answer WHERE lab = ? AND id > ? ORDER BY id LIMIT 1 OFFSET ?'),
    // A blob comes after every text.
    forgetExpired: db.prepare(`
      DELETE FROM answer WHERE lab = ? AND id > ? AND id <= coalesce(?, x'ff') AND expires <= ?`),
    snapshot: db.prepare('SELECT revision, data FROM snapshot WHERE lab = ?'),
    saveSnapshot: db.prepare(`
      INSERT INTO snapshot (lab, revision, data) VALUES (?, ?, ?)
      ON CONFLICT (lab) DO UPDATE SET revision = excluded.revision, data = excluded.data
      WHERE revision < excluded.revision`),
    newestUpTo: db.prepare('SELECT max(last) AS last FROM entry WHERE lab = ? AND last <= ?'),
    dropUpTo: db.prepare('DELETE FROM entry WHERE lab = ? AND last <= ?'),
    setTrimmed: db.prepare('UPDATE lab SET trimmed = ? WHERE id = ?'),
    bookmark: db.prepare('SELECT position FROM bookmark WHERE lab = ? AND reader = ?'),
    lowestBookmark: db.prepare('SELECT min(position) AS position FROM bookmark WHERE lab = ?'),
    setBookmark: db.prepare(`
      INSERT INTO bookmark (lab, reader, position) VALUES (?, ?, ?)
      ON CONFLICT (lab, reader) DO UPDATE SET position = excluded.position`),
    removeBookmark: db.prepare('DELETE FROM bookmark WHERE lab = ? AND reader = ?'),
  };
}
