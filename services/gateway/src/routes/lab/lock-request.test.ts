import { BerthError } from '@berth/kernel';
import test from 'ava';
import { readBody } from '../raw-body.js';
import { parseLockRequest } from './lock-request.js';

function parse(query: string, body = '', type = 'application/x-www-form-urlencoded') {
  return parseLockRequest(new URLSearchParams(query), readBody(body, type));
}

test('what is wanted becomes one line in the language of queries', (t) => {
  t.deepEqual(parse('location=office1&attributes=[a]&entity_properties=[[c],[e]]'), {
    description: '',
    query: 'location=office1&attributes=[a]&entity_properties=[[c],[e]]',
  });
  t.is(parse('resource=rack%2F3').query, 'bench=rack%2F3');
  t.is(parse('location=room+1%2C+%5Bwest%5D+%26+100%25').query, 'location=room%201%2C%20%5Bwest%5D%20%26%20100%25');
  t.is(parse('attributes=a').query, 'attributes=[a]');
  t.is(
    parse('attributes=a,b&labels=os:linux&count=2&pool=vms').query,
    'attributes=[a,b]&pool=vms&labels=[os:linux]&count=2',
  );
  t.is(parse('labels=[u:x%3Dy%26z]').query, 'labels=[u:x%3Dy%26z]');
});

test('the rest says how long, for whom, and how urgently', (t) => {
  t.deepEqual(
    parse('resource=r1&description=flash+%26+test&priority=10&wait=90&max=1h30m&affinity=p&lab=east&booking=bk-1'),
    {
      query: 'bench=r1',
      description: 'flash & test',
      priority: 60,
      wait: 90_000,
      maxDuration: 5_400_000,
      affinity: 'p',
      booking: 'bk-1',
      lab: 'east',
    },
  );
  t.is(parse('resource=r1&wait=0').wait, 0);
  t.is(parse('resource=r1&wait=0.25').wait, 250);
  t.is(parse('resource=r1&priority=-50').priority, 0);
  t.deepEqual(parse('booking=bk-1&description='), { description: '', booking: 'bk-1' });
});

test('a form or a JSON object says the same', (t) => {
  const wanted = { query: 'bench=r1&attributes=[a]', description: 'x y', priority: 51 };
  t.deepEqual(parse('resource=r1', 'attributes=[a]&description=x+y&priority=1'), wanted);
  const json = '{"attributes": "[a]", "description": "x y", "priority": 1}';
  t.deepEqual(parse('resource=r1', json, 'application/json'), wanted);
});

const WRONG: readonly (readonly [query: string, field: string, description: RegExp])[] = [
  ['', 'resource', /^is missing; say what you want by resource, location, attributes or entity_properties$/],
  ['description=x', 'resource', /^is missing/],
  ['resurce=r1&location=x', 'resurce', /^is no parameter here; did you mean 'resource'\? Allowed are resource, /],
  ['resource=r1&resource=r2', 'resource', /^is given twice/],
  ['resource=', 'resource', /^is empty/],
  ['resource=r1&wait=', 'wait', /^is empty/],
  ['resource=r1&priority=high', 'priority', /^is "high"; a whole number from -50 to 50 is expected: 0 is the default$/],
  ['resource=r1&priority=60', 'priority', /^is "60"/],
  ['resource=r1&priority=1.5', 'priority', /^is "1.5"/],
  ['resource=r1&wait=soon', 'wait', /^is "soon"; write seconds, .*, or 0 to be refused at once$/],
  ['resource=r1&wait=-1', 'wait', /^is "-1"/],
  ['resource=r1&max=10x', 'max', /^is "10x"; write seconds, or a number with s, m, h or d, for example 30s or 1h30m$/],
];

for (const [query, field, description] of WRONG) {
  test(`"${query}" is refused, and the fault names ${field}`, (t) => {
    const error = t.throws(() => parse(query), { instanceOf: BerthError });
    t.is(error.reason, 'INVALID_FIELD');
    const fault = error.details.fields?.find((each) => each.field === field && description.test(each.description));
    t.truthy(fault, JSON.stringify(error.details.fields));
  });
}

test('all faults are told at once', (t) => {
  const error = t.throws(() => parse('wait=x&priority=y&nonsense=z'), { instanceOf: BerthError });
  t.deepEqual(error.details.fields?.map(({ field }) => field).sort(), ['nonsense', 'priority', 'resource', 'wait']);
});
