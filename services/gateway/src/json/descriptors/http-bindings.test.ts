import type { JsonObject } from '@bufbuild/protobuf';
import test from 'ava';
import { endpointsOf, methodsOf } from '../endpoints.js';
import type { ThingMethod } from '../things.fixture.js';
import { thingsSet } from '../things.fixture.js';
import { loadDescriptorSet } from './descriptor-set.js';
import { bindingsOf, SERVED_RULE_FIELDS } from './http-bindings.js';

/** What HttpRule has and nobody needs: rules in files beside the protos, and methods that HTTP does not have. */
const NOT_SERVED = ['selector', 'custom'];

test('every rule of the protos is served', async (t) => {
  const { registry, list } = endpointsOf(await loadDescriptorSet());
  const http = registry.getExtension('google.api.http');
  if (http === undefined) throw new Error('no rules');
  const methods = methodsOf(registry).filter(({ parent }) => parent.typeName.startsWith('berth.'));
  t.true(methods.length > 100);
  for (const method of methods) t.true(bindingsOf(method, http).length > 0, method.toString());
  for (const { binding } of list) t.true(binding.template.text.startsWith('/v1/'), binding.template.text);
});

test('google/api/http.proto has nothing else that a rule could use', async (t) => {
  const { registry } = endpointsOf(await loadDescriptorSet());
  const fields = registry.getMessage('google.api.HttpRule')?.fields.map(({ name }) => name) ?? [];
  t.deepEqual([...fields].sort(), [...SERVED_RULE_FIELDS, ...NOT_SERVED].sort());
});

const REFUSED: readonly (readonly [rule: JsonObject, why: RegExp, more?: Omit<ThingMethod, 'rule'>])[] = [
  [{ custom: { kind: 'LIST', path: '/v1/things' } }, /ThingService\.Bad cannot be served: it has the pattern 'custom'/],
  [{ get: '/v1/things/{nothing}' }, /\{nothing\} in its path is not a single value/],
  [{ get: '/v1/things/{thing}' }, /\{thing\} in its path is not a single value/],
  [{ get: '/v1/things/{thing.tags}' }, /\{thing\.tags\} in its path is not a single value/],
  [{ post: '/v1/things', body: 'nothing' }, /no field 'nothing' to be the body/],
  [{ get: '/v1/things', responseBody: 'nothing' }, /no field 'nothing' to be the answer/],
  [{ post: '/v1/things', body: 'thing' }, /a stream of requests takes body/, { clientStreaming: true }],
  [{ post: '/v1/things/{id}', body: '*' }, /a path without variables/, { clientStreaming: true }],
  [
    { get: '/v1/things', additionalBindings: [{ get: '/v2/things', additionalBindings: [{ get: '/v3/things' }] }] },
    /additional_bindings have more of them/,
  ],
];

for (const [rule, why, more] of REFUSED) {
  test(`a rule that cannot be served is told: ${JSON.stringify(rule)}`, async (t) => {
    const set = await thingsSet({ Bad: { rule, ...more } });
    t.throws(() => endpointsOf(set), { message: why });
  });
}

test('a method without a rule is not served', async (t) => {
  const set = await thingsSet({ None: { rule: {} } });
  t.deepEqual(endpointsOf(set).list, []);
});
