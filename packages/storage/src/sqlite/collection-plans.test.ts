import test from 'ava';
import { INDEXED_QUERIES, indexedThings } from '../collection/conformance/indexed-queries.js';
import { thingSpec } from '../collection/conformance/subject.js';
import { encodeCursor, planPage } from '../collection/page-phases.js';
import { COLLECTION_FORMAT } from './collection-schema.js';
import { CollectionSql } from './collection-sql.js';
import { CollectionTables } from './collection-tables.js';
import { openSqlite } from './driver/open-sqlite.js';
import { prepareFile } from './sqlite-file.js';

const LIMIT = 10;
/** To go through the ids, or through those of the documents that lack a field, in order is what such a page needs. */
const NOT_IN_ORDER = /^SCAN (?!m USING INDEX (sqlite_autoindex|.*\/absent$))|TEMP B-TREE/;

test('every page comes from one stretch of an index, in order', (t) => {
  const db = openSqlite(':memory:');
  prepareFile(db, COLLECTION_FORMAT);
  const spec = thingSpec('things');
  const tables = new CollectionTables(db, spec);
  for (const thing of indexedThings(300)) tables.insert(tables.row(thing), '1');
  const sql = new CollectionSql(spec, () => tables.lists);
  let plans = 0;
  for (const query of INDEXED_QUERIES) {
    const text = query.orderBy?.field === 'host' ? 'host-12' : 20;
    for (const after of [{}, { after: encodeCursor(text, 'thing-000020') }]) {
      const { field, descending, phases } = planPage(spec, { ...query, ...after, limit: LIMIT });
      for (const phase of phases) {
        const { text: select, parameters } = sql.page(phase, field, descending, LIMIT);
        const steps = db.prepare(`EXPLAIN QUERY PLAN ${select}`).all(...parameters) as { detail: string }[];
        for (const { detail } of steps) t.notRegex(detail, NOT_IN_ORDER, select);
        plans += 1;
      }
    }
  }
  t.true(plans > 2 * INDEXED_QUERIES.length);
  db.close();
});
