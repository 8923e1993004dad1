import { didYouMean } from '@berth/kernel';
import { QueryScanner } from './query-scanner.js';

/** What a query says, field by field as in the message `Requirement`; not checked yet but for its form. */
export interface QueryFields {
  bench: string;
  location: string;
  attributes: string[];
  entities: { name: string; attributes: string[] }[];
  pool: string;
  labels: Record<string, string>;
  count: number | undefined;
}

const KEYS = ['bench', 'location', 'attributes', 'entity_properties', 'pool', 'labels', 'count'] as const;
type Key = (typeof KEYS)[number];

/** The longest query, in characters. */
export const MAX_QUERY = 4096;

/**
 * Parses `location=office1&attributes=[a]&entity_properties=[[c],[e]]`. Keys: bench, location, attributes,
 * entity_properties (`[[c],dut:[e]]`: an entity with c, and the one named dut with e), pool, labels (`[k:v]`), count; each at
 * most once, in any order. A single attribute or label may stand without brackets. Values are percent-decoded; a plus sign
 * is itself. Throws INVALID_QUERY with position, what was found, and what was expected.
 */
export function parseQuery(text: string): QueryFields {
  const scanner = new QueryScanner(text);
  if (text.length > MAX_QUERY) throw scanner.fault(MAX_QUERY + 1, `the query has more than ${MAX_QUERY} characters`);
  const fields: QueryFields = {
    bench: '',
    location: '',
    attributes: [],
    entities: [],
    pool: '',
    labels: {},
    count: undefined,
  };
  const seen = new Set<Key>();
  do {
    const key = readKey(scanner, seen);
    readValue(scanner, key, fields);
  } while (takesAnd(scanner));
  return fields;
}

function takesAnd(scanner: QueryScanner): boolean {
  if (scanner.done) return false;
  scanner.expect('&', 'before the next key');
  return true;
}

function readKey(scanner: QueryScanner, seen: Set<Key>): Key {
  const { position } = scanner;
  const word = scanner.word('=&[],', 'a key');
  const key = KEYS.find((known) => known === word);
  if (key === undefined) {
    throw scanner.fault(position, `unknown key '${word}'${didYouMean(word, KEYS)} The keys are ${KEYS.join(', ')}`);
  }
  if (seen.has(key)) throw scanner.fault(position, `key '${key}' stands twice; give it once`);
  seen.add(key);
  scanner.expect('=', `after '${key}'`);
  return key;
}

function readValue(scanner: QueryScanner, key: Key, fields: QueryFields): void {
  switch (key) {
    case 'bench':
    case 'location':
    case 'pool':
      fields[key] = scanner.word('&=[],', `a value for '${key}'`);
      return;
    case 'attributes':
      fields.attributes = scanner.sees('[') ? readAttributes(scanner) : [scanner.word('&=[],', "an attribute or '['")];
      return;
    case 'entity_properties':
      fields.entities = readList(scanner, () => readEntity(scanner));
      return;
    case 'labels':
      fields.labels = readLabels(scanner);
      return;
    case 'count':
      fields.count = readCount(scanner);
  }
}

function readAttributes(scanner: QueryScanner): string[] {
  return readList(scanner, () => scanner.word('&=[],', 'an attribute'));
}

function readEntity(scanner: QueryScanner): QueryFields['entities'][number] {
  const expected = "'[' or an entity's name with ':[' after it";
  let name = '';
  if (!scanner.sees('[')) {
    name = scanner.word('&=[],:', expected);
    scanner.expect(
      ':',
      `after the entity's name '${name}', as in [${name}:[a]]; attributes stand in brackets, as in [[${name}]]`,
    );
  }
  if (!scanner.sees('[')) throw scanner.unexpected(expected);
  return { name, attributes: readAttributes(scanner) };
}

function readLabels(scanner: QueryScanner): Record<string, string> {
  const labels = new Map<string, string>();
  const read = (): void => {
    const { position } = scanner;
    const key = scanner.word('&=[],:', 'a label as key:value');
    scanner.expect(':', `after the label's key '${key}'`);
    if (labels.has(key)) throw scanner.fault(position, `label '${key}' stands twice; give it once`);
    labels.set(key, scanner.sees(',') || scanner.sees(']') ? '' : scanner.word('&=[],', `a value for label '${key}'`));
  };
  if (scanner.sees('[')) readList(scanner, read);
  else read();
  return Object.fromEntries(labels);
}

function readCount(scanner: QueryScanner): number {
  const { position } = scanner;
  const word = scanner.word('&=[],', 'a number');
  if (!/^-?\d{1,9}$/.test(word)) throw scanner.fault(position, `found '${word}', expected a whole number for 'count'`);
  return Number(word);
}

/** `[` items `]`; an empty list is allowed. */
function readList<T>(scanner: QueryScanner, read: () => T): T[] {
  scanner.expect('[', 'to open the list');
  const items: T[] = [];
  if (scanner.takes(']')) return items;
  do items.push(read());
  while (scanner.takes(','));
  scanner.expect(']', "or ',' after the item");
  return items;
}
