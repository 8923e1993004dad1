import type { FileFormat } from './sqlite-file.js';

/**
 * One file has the logs of all labs. `lab.trimmed` is the end of the newest entry that was dropped, so the last revision is
 * known when every entry is gone. `held` has one row for each held bench; its key is what keeps a second lease out.
 * `answer.expires` is in milliseconds since the epoch, since answers outlive the process.
 */
const SCHEMA = `
  CREATE TABLE lab (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    trimmed INTEGER NOT NULL DEFAULT 0
  );
  CREATE TABLE entry (
    lab INTEGER NOT NULL,
    last INTEGER NOT NULL,
    prev INTEGER NOT NULL,
    events BLOB NOT NULL,
    PRIMARY KEY (lab, last)
  ) WITHOUT ROWID;
  CREATE TABLE held (
    lab INTEGER NOT NULL,
    bench TEXT NOT NULL,
    lease TEXT NOT NULL,
    token INTEGER NOT NULL,
    PRIMARY KEY (lab, bench)
  ) WITHOUT ROWID;
  CREATE TABLE answer (
    lab INTEGER NOT NULL,
    id TEXT NOT NULL,
    value TEXT NOT NULL,
    expires INTEGER NOT NULL,
    PRIMARY KEY (lab, id)
  ) WITHOUT ROWID;
  CREATE TABLE snapshot (
    lab INTEGER PRIMARY KEY,
    revision INTEGER NOT NULL,
    data BLOB NOT NULL
  );
`;

/** What version 2 added: positions of readers, whose entries trimming leaves. */
const BOOKMARKS = `
  CREATE TABLE bookmark (
    lab INTEGER NOT NULL,
    reader TEXT NOT NULL,
    position INTEGER NOT NULL,
    PRIMARY KEY (lab, reader)
  ) WITHOUT ROWID;
`;

/** The file of the logs. */
export const LOG_FORMAT: FileFormat = {
  version: 2,
  upgrade(db, from) {
    if (from < 1) db.exec(SCHEMA);
    db.exec(BOOKMARKS);
  },
};
