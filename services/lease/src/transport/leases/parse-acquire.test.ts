import type { Reason } from '@berth/kernel';
import { BerthError } from '@berth/kernel';
import { Requirement } from '@berth/proto/berth/lease/v1/bench';
import { AcquireRequest } from '@berth/proto/berth/lease/v1/lease_service';
import { HoldMode } from '@berth/proto/berth/lease/v1/lease';
import type { Caller } from '@berth/server';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import type { RequestSpec } from '../../domain/index.js';
import { DEFAULT_PRIORITY_CAPS } from './cap-priority.js';
import { parseAcquire } from './parse-acquire.js';

type Partial = Parameters<typeof AcquireRequest.fromPartial>[0];
const ANN: Caller = { name: 'ann', role: 'user', via: 'open' };
const BENCH = [{ bench: 'b1' }];

function parse(request: Partial, caller = ANN): RequestSpec {
  return parseAcquire(AcquireRequest.fromPartial({ requirements: BENCH, ...request }), caller, DEFAULT_PRIORITY_CAPS);
}

function faultsOf(t: ExecutionContext, request: Partial, reason: Reason = 'INVALID_FIELD'): string[] {
  const error = t.throws(() => parse(request), { instanceOf: BerthError });
  t.is(error.reason, reason);
  for (const { description } of error.details.fields ?? []) t.true(error.message.includes(description));
  return (error.details.fields ?? []).map(({ field, description }) => `${field}: ${description}`);
}

/** A number on the wire that the enum does not name. */
function enumNumber(value: number): HoldMode {
  return AcquireRequest.decode(Uint8Array.of(0x38, value)).hold;
}

test('an unattended request is MANUAL, has a request id and no grace', (t) => {
  const hold = HoldMode.MANUAL;
  t.true(parse({ requestId: 'r1', hold, unattended: true }).unattended);
  t.false('unattended' in parse({ requestId: 'r1', hold }));
  t.deepEqual(faultsOf(t, { tellOnce: true }), ['tell_once: is set, but the request is not unattended; leave it out']);
  t.deepEqual(faultsOf(t, { unattended: true, reconnectGrace: { seconds: 5, nanos: 0 } }), [
    'unattended: is set, but hold is CONNECTION; set hold to MANUAL, or leave it out',
    'request_id: is empty; an unattended request is found again by nothing else',
    'reconnect_grace: is set, but an unattended place needs no stream; leave it out',
  ]);
});

test('a request is brought into normal form, with its defaults', (t) => {
  const { fingerprint, ...spec } = parse({
    requestId: 'r1',
    requirements: [
      {
        attributes: ['b', 'a', 'b'],
        entities: [{ attributes: ['f', 'e'] }, { name: 'dut' }],
        labels: { z: '1', a: '2' },
      },
    ],
  });
  t.regex(fingerprint, /^[\w-]{16}\.([\w-]{3})+$/);
  t.deepEqual(spec, {
    requestId: 'r1',
    named: true,
    owner: 'ann',
    role: 'user',
    description: '',
    requirements: [
      {
        bench: '',
        location: '',
        attributes: ['a', 'b'],
        entities: [
          { name: '', attributes: ['e', 'f'] },
          { name: 'dut', attributes: [] },
        ],
        pool: '',
        labels: { a: '2', z: '1' },
      },
    ],
    priority: 50,
    hold: 'CONNECTION',
    graceMs: 0,
    affinity: '',
    labels: {},
    allowMaintenance: false,
  });
});

test("the caller's role and team stand in the request, so that limits are decided alike everywhere", (t) => {
  const { owner, role, team } = parse({}, { ...ANN, team: 'ci' });
  t.deepEqual([owner, role, team], ['ann', 'user', 'ci']);
  t.false('team' in parse({}));
});

test('a query and the same fields are the same requirement', (t) => {
  const query = parse({ requirements: [{ query: 'location=office1&attributes=[b,a]&entity_properties=[[e],[c]]' }] });
  const fields = parse({
    requirements: [
      { location: 'office1', attributes: ['a', 'b'], entities: [{ attributes: ['c'] }, { attributes: ['e'] }] },
    ],
  });
  t.deepEqual(query.requirements, fields.requirements);
});

test('counts expand, also those of queries', (t) => {
  const { requirements } = parse({
    requirements: [{ attributes: ['a'], count: 2 }, { query: 'attributes=b&count=3' }],
  });
  t.deepEqual(
    requirements.map(({ attributes }) => attributes.join('')),
    ['a', 'a', 'b', 'b', 'b'],
  );
});

test('a request without an id gets one, and is not remembered', (t) => {
  const [one, two] = [parse({}), parse({})];
  t.regex(one.requestId, /^rq-/);
  t.not(one.requestId, two.requestId);
  t.false(one.named);
});

test('spans become milliseconds, parts of one rounded up', (t) => {
  const spec = parse({
    hold: HoldMode.TTL,
    ttl: { seconds: 30, nanos: 0 },
    waitTimeout: { seconds: 0, nanos: 1 },
    reconnectGrace: { seconds: 3600, nanos: 0 },
    maxDuration: { seconds: 1, nanos: 500_000_000 },
  });
  t.deepEqual(
    [spec.hold, spec.ttlMs, spec.waitMs, spec.graceMs, spec.maxDurationMs],
    ['TTL', 30_000, 1, 3_600_000, 1500],
  );
  t.is(parse({ waitTimeout: { seconds: 0, nanos: 0 } }).waitMs, 0);
});

const wrong: readonly (readonly [string, Partial, readonly string[]])[] = [
  [
    'no requirement',
    { requirements: [] },
    [
      'requirements: is empty; ask for at least one bench, for example with a query such as location=office1&attributes=[a]',
    ],
  ],
  [
    'an empty requirement',
    { requirements: [{}] },
    [
      'requirements[0]: asks for nothing; set at least one of bench, location, attributes, entities, pool, labels (or query)',
    ],
  ],
  [
    'count 0',
    { requirements: [{ bench: 'b1', count: 0 }] },
    ['requirements[0].count: is 0; at least 1 is allowed, or leave it out for one bench'],
  ],
  [
    'a negative count',
    { requirements: [{ location: 'x', count: -3 }] },
    ['requirements[0].count: is -3; at least 1 is allowed, or leave it out for one bench'],
  ],
  [
    'one bench several times',
    { requirements: [{ bench: 'b1', count: 2 }] },
    ["requirements[0].count: is 2, but only one bench is named 'b1'; leave it out"],
  ],
  [
    '17 requirements',
    { requirements: Array.from({ length: 17 }, () => ({ bench: 'b' })) },
    ['requirements: has 17 requirements; at most 16 are allowed in one request'],
  ],
  [
    'more than 16 benches',
    { requirements: [{ location: 'x', count: 2_000_000_000 }] },
    ['requirements: ask for 2000000000 benches with their counts; at most 16 are allowed in one request'],
  ],
  [
    'a query beside fields',
    { requirements: [{ query: 'bench=b', location: 'x' }] },
    [
      'requirements[0].query: stands together with other fields of the requirement; give either the query or the fields',
    ],
  ],
  [
    'a bad attribute',
    { requirements: [{ attributes: ['ok', 'a b'] }] },
    [`requirements[0].attributes[1]: is "a b"; an attribute has no comma, bracket, '&', '=' or white space`],
  ],
  [
    'an entity of nothing',
    { requirements: [{ entities: [{}] }] },
    ['requirements[0].entities[0]: asks for nothing; give a name or attributes'],
  ],
  [
    'a bad label',
    { requirements: [{ labels: { 'a b': 'c' } }] },
    [
      `requirements[0].labels["a b"]: the key is "a b"; allowed are letters, digits, '.', '_', '/' and '-', and it starts with a letter or digit`,
    ],
  ],
  [
    'a bad bench name',
    { requirements: [{ bench: '../x' }] },
    [
      `requirements[0].bench: is "../x"; allowed are letters, digits, '.', '_', '/' and '-', and it starts with a letter or digit`,
    ],
  ],
  ['a negative wait', { waitTimeout: { seconds: -1, nanos: 0 } }, ['wait_timeout: is -1 s; it must not be negative']],
  [
    'a wait of minus a nanosecond',
    { waitTimeout: { seconds: 0, nanos: -1 } },
    ['wait_timeout: is -1e-9 s; it must not be negative'],
  ],
  [
    'an endless wait',
    { waitTimeout: { seconds: 315_576_000_000, nanos: 0 } },
    ['wait_timeout: is 315576000000 s; at most 3650 days are allowed; leave it out to wait for ever'],
  ],
  [
    'a duration that is none',
    { waitTimeout: { seconds: 1, nanos: -5 } },
    ['wait_timeout: is not a duration (1 s and -5 ns); nanos have the sign of seconds and stay below a second'],
  ],
  ['TTL without ttl', { hold: HoldMode.TTL }, ['ttl: is missing; hold TTL needs one, from 1 s to 30 days']],
  [
    'ttl without TTL',
    { ttl: { seconds: 5, nanos: 0 } },
    ['ttl: is set, but hold is CONNECTION; leave it out, or set hold to TTL'],
  ],
  [
    'a ttl below a second',
    { hold: HoldMode.TTL, ttl: { seconds: 0, nanos: 999_000_000 } },
    ['ttl: is 0.999 s; at least 1 s is allowed'],
  ],
  [
    'a ttl over 30 days',
    { hold: HoldMode.TTL, ttl: { seconds: 2_592_001, nanos: 0 } },
    ['ttl: is 2592001 s; at most 30 days are allowed; renew it in time, or hold MANUAL'],
  ],
  [
    'a long grace',
    { reconnectGrace: { seconds: 3601, nanos: 0 } },
    ['reconnect_grace: is 3601 s; at most 1 h are allowed'],
  ],
  ['no duration at all', { maxDuration: { seconds: 0, nanos: 0 } }, ['max_duration: is 0 s; at least 1 ms is allowed']],
  ['a priority of 101', { priority: 101 }, ['priority: is 101; allowed are 0 to 100, higher goes first']],
  ['a negative priority', { priority: -1 }, ['priority: is -1; allowed are 0 to 100, higher goes first']],
  [
    'an unknown hold',
    { hold: enumNumber(7) },
    ['hold: is 7, which is no HoldMode; allowed are CONNECTION (1), TTL (2) and MANUAL (3)'],
  ],
  [
    'a long description',
    { description: 'x'.repeat(1025) },
    ['description: has 1025 characters; at most 1024 are allowed'],
  ],
  [
    'a request id with a tab',
    { requestId: 'a\tb' },
    ['request_id: is "a\\tb"; only printable ASCII characters are allowed'],
  ],
  [
    '65 labels',
    { labels: Object.fromEntries(Array.from({ length: 65 }, (_, i) => [`k${String(i)}`, ''])) },
    ['labels: has 65 entries; at most 64 are allowed'],
  ],
];

for (const [what, request, faults] of wrong) {
  test(`${what} is refused, and the error says what is allowed`, (t) => {
    t.deepEqual(faultsOf(t, request), faults);
  });
}

test('all faults are told at once', (t) => {
  const faults = faultsOf(t, {
    requirements: [{}, { bench: 'b', count: 0 }],
    priority: 200,
    ttl: { seconds: -1, nanos: 0 },
  });
  t.deepEqual(
    faults.map((fault) => fault.split(':')[0]),
    ['requirements[0]', 'requirements[1].count', 'priority', 'ttl', 'ttl'],
  );
});

test('a wrong query is INVALID_QUERY, with the path of the requirement', (t) => {
  const [syntax] = faultsOf(t, { requirements: [{ bench: 'b' }, { query: 'location' }] }, 'INVALID_QUERY');
  t.regex(syntax ?? '', /^requirements\[1\]\.query: at position 9: found the end of the query/);
  t.deepEqual(faultsOf(t, { requirements: [{ query: 'bench=-x&count=0' }] }, 'INVALID_QUERY'), [
    `requirements[0].query: bench is "-x"; allowed are letters, digits, '.', '_', '/' and '-', and it starts with a letter or digit`,
    'requirements[0].query: count is 0; at least 1 is allowed, or leave it out for one bench',
  ]);
  t.deepEqual(faultsOf(t, { requirements: [{ query: 'attributes=[]' }] }, 'INVALID_QUERY'), [
    'requirements[0].query: asks for nothing; set at least one of bench, location, attributes, entities, pool, labels',
  ]);
});

test('a request that spends a booking may ask for all of it', (t) => {
  t.like(parse({ requirements: [], booking: 'bk-1' }), { booking: 'bk-1', requirements: [] });
  t.false('asOperator' in parse({ booking: 'bk-1' }));
  t.true(parse({ booking: 'bk-1' }, { name: 'op', role: 'operator', via: 'open' }).asOperator);
  t.false('asOperator' in parse({}, { name: 'op', role: 'operator', via: 'open' }));
  t.deepEqual(faultsOf(t, { booking: 'not one' }), [
    `booking: is "not one"; allowed are letters, digits, '.', '_', '/' and '-', and it starts with a letter or digit`,
  ]);
});

test('roles cap the priority', (t) => {
  t.is(parse({ priority: 80 }).priority, 80);
  t.is(parse({ priority: 100 }, { name: 'op', role: 'operator', via: 'open' }).priority, 100);
  const error = t.throws(() => parse({ priority: 81 }), { instanceOf: BerthError });
  t.is(error.reason, 'PRIORITY_NOT_ALLOWED');
  t.is(error.message, "priority: is 81; role 'user' may use at most 80. Lower it, or ask an operator to raise it.");
});

test('the fingerprint tells payloads apart, not the order of maps, nor request id and lab', (t) => {
  const base = { requirements: [Requirement.fromPartial({ bench: 'b1' })], labels: { a: '1', b: '2' } };
  const of = (request: Partial, caller = ANN): string => parse({ ...base, ...request }, caller).fingerprint;
  const print = of({});
  t.is(of({ requestId: 'x', lab: 'other' }), print);
  t.is(of({ labels: { b: '2', a: '1' } }), print);
  t.not(of({ labels: { a: '1', b: '3' } }), print);
  t.not(of({ waitTimeout: { seconds: 0, nanos: 0 } }), print);
  t.not(of({}, { name: 'bob', role: 'user', via: 'open' }), print);
});
