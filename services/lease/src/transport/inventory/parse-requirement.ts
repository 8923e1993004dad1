import { BerthError } from '@berth/kernel';
import type { Requirement as RequirementMessage } from '@berth/proto/berth/lease/v1/bench';
import { attributeNameFault, Faults, lineFault, MAX_ATTRIBUTES, nameFault, parseLabels } from '@berth/server';
import type { EntityRequirement, Requirement } from '../../domain/index.js';
import type { QueryFields } from './query.js';
import { MAX_QUERY, parseQuery } from './query.js';
import { MAX_ENTITIES, MAX_LOCATION } from '../text-rules.js';

/** The most benches that one request asks for. */
export const MAX_BENCHES = 16;

/** The most texts in the requirements of all its benches: everybody is told of them in lists and watches. */
const MAX_TEXTS = 2000;

/** A requirement in normal form, and how many different benches must meet it. */
export interface CountedRequirement {
  readonly requirement: Requirement;
  readonly count: number;
}

/** Checks one requirement and brings it into normal form; what is wrong goes to `faults`, under `path`. */
export function parseRequirement(message: RequirementMessage, path: string, faults: Faults): CountedRequirement {
  if (message.query === '') return checked(message, (field) => `${path}.${field}`, faults, 'INVALID_FIELD');
  const query = `${path}.query`;
  if (hasOtherFields(message)) {
    faults.add(query, 'stands together with other fields of the requirement; give either the query or the fields');
  }
  if (message.query.length > MAX_QUERY) {
    faults.add(query, `has ${message.query.length} characters; at most ${MAX_QUERY} are allowed`, 'INVALID_QUERY');
    return { requirement: emptyRequirement(), count: 1 };
  }
  try {
    return checked(parseQuery(message.query), () => query, faults, 'INVALID_QUERY');
  } catch (error) {
    if (!(error instanceof BerthError)) throw error;
    for (const { description } of error.details.fields ?? []) faults.add(query, description, error.reason);
    return { requirement: emptyRequirement(), count: 1 };
  }
}

function emptyRequirement(): Requirement {
  return { bench: '', location: '', attributes: [], entities: [], pool: '', labels: {} };
}

function hasOtherFields(message: RequirementMessage): boolean {
  return !isEmpty(message) || message.count !== undefined;
}

function isEmpty({ bench, location, attributes, entities, pool, labels }: RequirementMessage | QueryFields): boolean {
  const lists = attributes.length + entities.length + Object.keys(labels).length;
  return bench === '' && location === '' && pool === '' && lists === 0;
}

type FieldPath = (field: string) => string;

function checked(
  fields: RequirementMessage | QueryFields,
  at: FieldPath,
  faults: Faults,
  reason: 'INVALID_FIELD' | 'INVALID_QUERY',
): CountedRequirement {
  // Of a query all faults have one path, so the field is said in the text.
  const check = (field: string, fault: string | undefined): void => {
    if (fault === undefined) return;
    faults.add(at(field), reason === 'INVALID_QUERY' ? `${field} ${fault}` : fault, reason);
  };
  if (isEmpty(fields)) {
    const what = 'asks for nothing; set at least one of bench, location, attributes, entities, pool, labels';
    faults.add(at('').replace(/\.$/, ''), reason === 'INVALID_QUERY' ? what : `${what} (or query)`, reason);
  }
  const { bench, location, pool, count = 1 } = fields;
  if (bench !== '') check('bench', nameFault(bench));
  check('location', lineFault(location, MAX_LOCATION));
  if (pool !== '') check('pool', nameFault(pool));
  if (count < 1) check('count', `is ${count}; at least 1 is allowed, or leave it out for one bench`);
  if (count > 1 && bench !== '') check('count', `is ${count}, but only one bench is named '${bench}'; leave it out`);
  const requirement: Requirement = {
    bench,
    location,
    attributes: normalAttributes(fields.attributes, 'attributes', check),
    entities: normalEntities(fields.entities, check),
    pool,
    labels: normalLabels(fields.labels, check),
  };
  return { requirement, count };
}

type Check = (field: string, fault: string | undefined) => void;

function normalAttributes(names: readonly string[], field: string, check: Check): readonly string[] {
  if (names.length > MAX_ATTRIBUTES) check(field, `are ${names.length}; at most ${MAX_ATTRIBUTES} are allowed`);
  names.slice(0, MAX_ATTRIBUTES).forEach((name, i) => {
    check(`${field}[${i}]`, attributeNameFault(name));
  });
  return [...new Set(names)].sort();
}

function normalEntities(entities: readonly EntityRequirement[], check: Check): readonly EntityRequirement[] {
  if (entities.length > MAX_ENTITIES) check('entities', `are ${entities.length}; at most ${MAX_ENTITIES} are allowed`);
  const normal = entities.slice(0, MAX_ENTITIES).map(({ name, attributes }, i) => {
    if (name === '' && attributes.length === 0) check(`entities[${i}]`, 'asks for nothing; give a name or attributes');
    if (name !== '') check(`entities[${i}].name`, nameFault(name));
    return { name, attributes: normalAttributes(attributes, `entities[${i}].attributes`, check) };
  });
  // Their order says nothing; equal ones ask for as many different entities.
  const rank = ({ name, attributes }: EntityRequirement): string => JSON.stringify([name, attributes]);
  return normal.sort((a, b) => (rank(a) < rank(b) ? -1 : 1));
}

function normalLabels(labels: Readonly<Record<string, string>>, check: Check): Readonly<Record<string, string>> {
  const faults = new Faults();
  const normal = parseLabels(labels, 'labels', faults);
  for (const { field, description } of faults.found) check(field, description);
  return normal;
}

/** Checks the requirements of a request and expands their counts; `mayBeNone` when it is clear without them what is asked for. */
export function parseRequirements(
  messages: readonly RequirementMessage[],
  mayBeNone: boolean,
  faults: Faults,
): readonly Requirement[] {
  const field = 'requirements';
  if (messages.length === 0 && !mayBeNone) {
    faults.add(
      field,
      'is empty; ask for at least one bench, for example with a query such as location=office1&attributes=[a]',
    );
  }
  if (messages.length > MAX_BENCHES) {
    faults.add(field, `has ${messages.length} requirements; at most ${MAX_BENCHES} are allowed in one request`);
    return [];
  }
  const parsed = messages.map((message, i) => parseRequirement(message, `${field}[${i}]`, faults));
  const total = parsed.reduce((sum, { count }) => sum + Math.max(0, count), 0);
  if (total > MAX_BENCHES) {
    faults.add(field, `ask for ${total} benches with their counts; at most ${MAX_BENCHES} are allowed in one request`);
    return [];
  }
  const texts = parsed.reduce((sum, { requirement, count }) => sum + count * textsOf(requirement), 0);
  if (texts > MAX_TEXTS) {
    const what = `name ${texts} attributes, entities and labels, counted for each bench`;
    faults.add(field, `${what}; at most ${MAX_TEXTS} are allowed in one request`);
    return [];
  }
  return parsed.flatMap(({ requirement, count }) => new Array<Requirement>(Math.max(0, count)).fill(requirement));
}

function textsOf({ attributes, entities, labels }: Requirement): number {
  const ofEntities = entities.reduce((sum, entity) => sum + 1 + entity.attributes.length, 0);
  return attributes.length + ofEntities + Object.keys(labels).length;
}
