import test from 'ava';
import { parseTemplate } from './path-template.js';

test('a template has literals, variables and a verb', (t) => {
  const { segments, variables, verb } = parseTemplate('/v1/benches/{bench.name}:setCondition');
  t.deepEqual(segments, [{ kind: 'literal', text: 'v1' }, { kind: 'literal', text: 'benches' }, { kind: 'any' }]);
  t.deepEqual(variables, [{ field: 'bench.name', from: 2, count: 1, several: false }]);
  t.is(verb, 'setCondition');
});

test('a variable may stand for several segments', (t) => {
  const { segments, variables } = parseTemplate('/v1/{a.b=x/*}/{rest=**}');
  t.deepEqual(segments, [
    { kind: 'literal', text: 'v1' },
    { kind: 'literal', text: 'x' },
    { kind: 'any' },
    { kind: 'rest' },
  ]);
  t.deepEqual(variables, [
    { field: 'a.b', from: 1, count: 2, several: true },
    { field: 'rest', from: 3, count: 1, several: true },
  ]);
});

for (const [text, why] of [
  ['v1/things', /must start with \//],
  ['/v1//things', /is not a segment/],
  ['/v1/things/', /is not a segment/],
  ['/v1/{name', /is not a segment/],
  ['/v1/{a={b}}', /is not a segment/],
  ['/v1/a*', /'a\*' is not a segment/],
  ['/v1/**/things', /\*\* must be the last/],
  ['/v1/{a}/{a}', /\{a\} is in it twice/],
] as const) {
  test(`the template ${text} is refused`, (t) => {
    t.throws(() => parseTemplate(text), { message: why });
  });
}
