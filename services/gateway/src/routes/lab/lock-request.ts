import type { AcquireOptions } from '@berth/client';
import { spanToMs } from '@berth/client';
import { Faults } from '@berth/server';
import type { GivenParameters } from '../parameters.js';
import { readParameters } from '../parameters.js';
import type { RawBody } from '../raw-body.js';

/** What a lock asks for, as `Berth.queue` takes it. */
export type LockRequest = Pick<
  AcquireOptions,
  'query' | 'description' | 'priority' | 'wait' | 'maxDuration' | 'affinity' | 'booking' | 'lab'
>;

/** Parameters that say what the resource must be, and their keys in a query of the lease service. */
const QUERY_KEYS: Readonly<Record<string, string>> = {
  resource: 'bench',
  location: 'location',
  attributes: 'attributes',
  entity_properties: 'entity_properties',
  pool: 'pool',
  labels: 'labels',
  count: 'count',
};
/** Keys whose values are lists; of these, `[a,b]` may be written as `a,b`. */
const LISTS = ['attributes', 'entity_properties', 'labels'];
const BARE_LISTS = ['attributes', 'labels'];
const FURTHER = ['description', 'priority', 'wait', 'max', 'affinity', 'booking', 'lab'];
const NAMES = [...Object.keys(QUERY_KEYS), ...FURTHER];

/** The priority that a request has which names none; `priority` counts from it. */
const DEFAULT_PRIORITY = 50;

/**
 * Reads `resource=|location=|attributes=[…]|entity_properties=[[…]]&description=&priority=&wait=&max=` (and `pool`, `labels`,
 * `count`, `affinity`, `booking`, `lab`). `priority` counts from the default: 10 is 60. `wait` and `max` are spans such as
 * `1h30m`; a bare number is seconds. Throws INVALID_FIELD with every fault; what the resource must be is checked by the lease
 * service.
 */
export function parseLockRequest(query: URLSearchParams, body: RawBody): LockRequest {
  const faults = new Faults();
  const given = readParameters(query, body, NAMES, faults);
  for (const name of NAMES) {
    if (name !== 'description' && given.has(name) && given.text(name) === undefined)
      faults.add(name, 'is empty; give a value, or leave it out');
  }
  const wanted = queryOf(given);
  const booking = given.text('booking');
  if (wanted === '' && booking === undefined)
    faults.add('resource', 'is missing; say what you want by resource, location, attributes or entity_properties');
  const priority = parsePriority(given.text('priority'), faults);
  const wait = parseSpan(given.text('wait'), 'wait', ', or 0 to be refused at once', faults);
  const maxDuration = parseSpan(given.text('max'), 'max', '', faults);
  const [affinity, lab] = [given.text('affinity'), given.text('lab')];
  faults.throwIfAny();
  return {
    description: given.text('description') ?? '',
    ...(wanted !== '' && { query: wanted }),
    ...(priority !== undefined && { priority }),
    ...(wait !== undefined && { wait }),
    ...(maxDuration !== undefined && { maxDuration }),
    ...(affinity !== undefined && { affinity }),
    ...(booking !== undefined && { booking }),
    ...(lab !== undefined && { lab }),
  };
}

/** What is asked for in one line, for example `location=office1&attributes=[a]`; empty when nothing is. */
function queryOf(given: GivenParameters): string {
  return Object.entries(QUERY_KEYS)
    .flatMap(([name, key]) => {
      const value = given.text(name);
      return value === undefined
        ? []
        : [`${key}=${LISTS.includes(key) ? listOf(key, value) : encodeURIComponent(value)}`];
    })
    .join('&');
}

/** A list as it stands in a query: brackets and commas are its form, so they stay as they are. */
function listOf(key: string, value: string): string {
  const text = value.trim().replaceAll(/[&=]/g, encodeURIComponent);
  return BARE_LISTS.includes(key) && !text.startsWith('[') ? `[${text}]` : text;
}

function parsePriority(text: string | undefined, faults: Faults): number | undefined {
  if (text === undefined) return undefined;
  const priority = /^\s*[-+]?\d{1,3}\s*$/.test(text) ? DEFAULT_PRIORITY + Number(text) : NaN;
  if (priority >= 0 && priority <= 100) return priority;
  faults.add('priority', `is ${JSON.stringify(text)}; a whole number from -50 to 50 is expected: 0 is the default`);
  return undefined;
}

function parseSpan(text: string | undefined, name: string, none: string, faults: Faults): number | undefined {
  if (text === undefined) return undefined;
  const trimmed = text.trim();
  try {
    return spanToMs(/^\d+(\.\d+)?$/.test(trimmed) ? `${trimmed}s` : trimmed);
  } catch {
    const shown = JSON.stringify(text);
    faults.add(name, `is ${shown}; write seconds, or a number with s, m, h or d, for example 30s or 1h30m${none}`);
    return undefined;
  }
}
