import type { Query } from '../collection.js';
import type { Thing } from './subject.js';
import { numbered } from './subject.js';

/** Queries that an index of `thingSpec` has in their order: a page of them costs what it gives, in a table of any size. */
export const INDEXED_QUERIES: readonly Omit<Query, 'limit'>[] = [
  {},
  { orderBy: { field: 'id', descending: true } },
  { where: { kind: 'kind-1' } },
  { where: { owner: 'owner-1' }, orderBy: { field: 'time' } },
  { where: { owner: 'owner-1', time: { from: 100 } }, orderBy: { field: 'time', descending: true } },
  { where: { tags: 'tag-1' }, orderBy: { field: 'time' } },
  { where: { live: true, time: { until: 50 } }, orderBy: { field: 'time' } },
  { orderBy: { field: 'time' } },
  { orderBy: { field: 'host', descending: true } },
  { where: { host: { prefix: 'host-12' } }, orderBy: { field: 'host' } },
  { where: { 'place.rack': 'rack-1', 'place.slot': { from: 1 } }, orderBy: { field: 'place.slot' } },
  { where: { id: { in: ['thing-000001', 'thing-000002'] } } },
];

/** Documents for these queries: each value is one of many, and each tenth document lacks what pages are ordered by. */
export function indexedThings(count: number): Thing[] {
  return numbered(count, (index) => ({
    kind: `kind-${String(index % 3)}`,
    owner: `owner-${String(index % 3)}`,
    tags: [`tag-${String(index % 3)}`, 'tag'],
    live: index % 3 === 0,
    ...(index % 10 === 0 ? {} : { time: index % 300, host: `host-${String(index)}` }),
    place: { rack: `rack-${String(index % 3)}`, slot: index },
  }));
}
