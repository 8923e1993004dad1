import type { InventoryRecord } from '@berth/client';
import test from 'ava';
import { documentOf, itemOf, listOf, writtenOf } from './record-document.js';

function record(id: string, more: Partial<InventoryRecord> = {}): InventoryRecord {
  return {
    id,
    kind: 'machines',
    fields: { hostname: id },
    etag: '7',
    createTime: new Date('2031-06-08T09:10:11.512Z'),
    updateTime: new Date('2031-06-09T09:10:11Z'),
    deleteTime: undefined,
    claimedBy: '',
    claimTime: undefined,
    fieldsLeftOut: false,
    ...more,
  };
}

test('a record is a document with times as HTTP has them', (t) => {
  t.deepEqual(documentOf(record('rec-1')), {
    hostname: 'rec-1',
    _id: 'rec-1',
    _etag: '7',
    _created: 'Sun, 08 Jun 2031 09:10:11 GMT',
    _updated: 'Mon, 09 Jun 2031 09:10:11 GMT',
    _links: { self: { title: 'machines', href: 'machines/rec-1' } },
  });
  t.is(documentOf(record('rec-1', { claimedBy: 'ann' }))['_claimed_by'], 'ann');
  t.is(writtenOf(record('rec-1'))['_status'], 'OK');
  t.like(itemOf(record('rec-1')), { _links: { collection: { href: 'machines' }, parent: { href: '/' } } });
});

test('a list without a page has all, and says so', (t) => {
  const list = listOf({
    kind: 'machines',
    records: [record('a'), record('b')],
    total: 2,
    page: undefined,
    query: new URLSearchParams(),
  });
  t.deepEqual(list['_meta'], { page: 1, max_results: 2, total: 2 });
  t.deepEqual(list['_links'], {
    parent: { title: 'home', href: '/' },
    self: { title: 'machines', href: 'machines' },
  });
});

test('a page links to those around it, with the rest of the query', (t) => {
  const links = (page: number) => {
    const query = new URLSearchParams({ sort: '-hostname', page: String(page), max_results: '2' });
    const list = listOf({ kind: 'machines', records: [], total: 5, page: { page, maxResults: 2 }, query });
    const all = list['_links'] as Readonly<Record<string, { readonly href: string } | undefined>>;
    return [all['prev']?.href, all['next']?.href, all['last']?.href];
  };
  const to = (page: number): string => `machines?sort=-hostname&page=${String(page)}&max_results=2`;
  t.deepEqual(links(1), [undefined, to(2), to(3)]);
  t.deepEqual(links(2), [to(1), to(3), to(3)]);
  t.deepEqual(links(3), [to(2), undefined, undefined]);
});
