import { Faults } from '@berth/server';
import test from 'ava';
import { readParameters } from './parameters.js';
import { readBody } from './raw-body.js';

const KNOWN = ['cores', 'memory', 'share', 'provisional', 'grain'];

function read(query: string, body = '', type = '') {
  const faults = new Faults();
  const given = readParameters(new URLSearchParams(query), readBody(body, type), KNOWN, faults);
  return { given, told: () => faults.found.map(({ field, description }) => `${field}: ${description}`) };
}

test('parameters come from the URL, a form or a JSON object', (t) => {
  for (const { given, told } of [
    read('cores=8&memory=2'),
    read('cores=8', 'memory=2'),
    read('', 'cores=8&memory=2', 'application/x-www-form-urlencoded; charset=utf-8'),
    read('', '{"cores": 8, "memory": "2", "share": null}', 'application/json'),
    // As `curl -d` sends it.
    read('', ' {"cores": 8, "memory": 2}', 'application/x-www-form-urlencoded'),
  ]) {
    t.deepEqual([given.whole('cores'), given.whole('memory'), given.has('share')], [8, 2, false]);
    t.deepEqual(told(), []);
  }
});

test('a percent sign stands for itself where it is no code', (t) => {
  t.is(read('share=20%').given.text('share'), '20%');
  t.is(read('share=20%25').given.text('share'), '20%');
  t.is(read('', 'share=20%').given.text('share'), '20%');
});

test('an unknown parameter is told with the nearest one', (t) => {
  const { told } = read('cors=8', '{"x": 1}');
  t.deepEqual(told(), [
    "cors: is no parameter here; did you mean 'cores'? Allowed are cores, memory, share, provisional, grain",
    'x: is no parameter here. Allowed are cores, memory, share, provisional, grain',
  ]);
});

test('what is said twice, and what is no plain value, is refused', (t) => {
  t.regex(read('cores=1&cores=2').told().join(), /^cores: is given twice/);
  t.regex(read('cores=1', 'cores=1').told().join(), /^cores: is given twice/);
  t.regex(read('', '{"cores": [1]}').told().join(), /^cores: must be a text, a number, true or false/);
  t.regex(read('', '[{"cores": 1}]').told().join(), /^body: must be a JSON object/);
});

test('numbers are whole and within bounds, flags are yes or no, words are those of a table', (t) => {
  for (const [query, fault] of [
    ['cores=-1', /^cores: is "-1"; a whole number from 0 on is expected/],
    ['cores=1.5', /^cores: is "1.5"/],
    ['cores=1e3', /^cores: is "1e3"/],
    ['cores=99999999999999999', /^cores: /],
    ['provisional=maybe', /^provisional: is "maybe"; 1 or 0 is expected/],
    ['grain=dayly', /^grain: is "dayly"; did you mean 'daily'\? Allowed are day, daily/],
  ] as const) {
    const { given, told } = read(query);
    given.whole('cores');
    given.flag('provisional');
    given.choice('grain', { day: 1, daily: 1 });
    t.is(told().length, 1, query);
    t.regex(told().join(), fault, query);
  }
  t.is(read('grain=daily').given.choice('grain', { day: 1, daily: 1 }), 1);
  t.true(read('provisional=1').given.flag('provisional'));
  t.false(read('provisional=0').given.flag('provisional'));
  t.false(read('').given.flag('provisional'));
});

test('a word that every object has is none of a table', (t) => {
  const { given, told } = read('grain=constructor');
  t.is(given.choice('grain', { day: 1 }), undefined);
  t.is(told().length, 1);
});

test('a body that cannot be read is refused with the reason', (t) => {
  t.throws(() => readBody('{"cores": ', 'application/json'), { message: /^body: is no JSON/ });
  t.throws(() => readBody('<a/>', 'text/xml'), { message: /text\/xml is not read here/ });
  t.throws(() => readBody(`${'['.repeat(40)}${']'.repeat(40)}`), { message: /more than 32 levels deep/ });
  t.throws(() => readBody('[{"a": {"__proto__": 1}}]'), { message: /has the name "__proto__"/ });
  t.deepEqual(readBody('  ', 'text/xml'), { type: 'none' });
});
