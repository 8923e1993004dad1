import { Validator } from '@seriousme/openapi-schema-validator';
import test from 'ava';
import { loadDescriptorSet } from '../descriptors/descriptor-set.js';
import { endpointsOf } from '../endpoints.js';
import { thingsSet } from '../things.fixture.js';
import { openApi } from './open-api.js';

interface Operation {
  readonly operationId: string;
  readonly description?: string;
  readonly parameters?: readonly Record<string, unknown>[];
  readonly requestBody?: { readonly content: Record<string, { readonly schema: unknown }> };
  readonly responses: Record<string, { readonly content?: Record<string, unknown> }>;
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, { readonly properties?: Record<string, Record<string, unknown>> }>>;
  };
}

const endpoints = endpointsOf(await loadDescriptorSet({ comments: true }));
const document = JSON.parse(JSON.stringify(openApi(endpoints, '1.2.3'))) as Document;

test('the document is valid OpenAPI 3.1', async (t) => {
  const validator = new Validator();
  const { valid, errors } = await validator.validate({ ...document });
  t.true(valid, JSON.stringify(errors));
  t.is(validator.version, '3.1');
});

test('it has every RPC, each with a comment, once', (t) => {
  const operations = Object.values(document.paths).flatMap((item) => Object.values(item));
  const wanted = endpoints.list.map(({ method }) => `${method.parent.name}_${method.name}`);
  t.deepEqual(operations.map(({ operationId }) => operationId).sort(), [...wanted].sort());
  t.deepEqual(
    operations.filter(({ description }) => description === undefined),
    [],
  );
});

test('every reference leads to a schema, and every schema is used', (t) => {
  const text = JSON.stringify(document);
  const references = new Set([...text.matchAll(/"#\/components\/schemas\/([^"]+)"/g)].map(([, name]) => name));
  t.deepEqual([...references].sort(), Object.keys(document.components.schemas).sort());
});

test('fields have their comments, types and names in JSON', (t) => {
  const properties = document.components.schemas['berth.lease.v1.AcquireRequest']?.properties ?? {};
  t.like(properties['priority'], {
    type: 'integer',
    format: 'int32',
    description: '0..100, higher first; absent = 50. Roles cap it.',
  });
  t.like(properties['waitTimeout'], { type: 'string' });
  t.like(properties['labels'], { type: 'object', additionalProperties: { type: 'string' } });
  t.like(properties['hold'], { $ref: '#/components/schemas/berth.lease.v1.HoldMode' });
});

test('paths that differ in the names of their variables are one, and parameters say what they are', (t) => {
  const item = document.paths['/v1/benches/{name}'];
  t.deepEqual(Object.keys(item ?? {}).sort(), ['delete', 'get', 'patch']);
  t.like(item?.['patch']?.parameters?.[0], { name: 'name', in: 'path', required: true });
  t.true(item?.['patch']?.parameters?.some((one) => one['name'] === 'update_mask' && one['in'] === 'query'));
  const listed = document.paths['/v1/benches']?.['get']?.parameters?.map((one) => one['name']);
  t.true(listed?.includes('requirement.query'));
  t.true(listed?.includes('page_size'));
});

test('streams are lines or events', (t) => {
  const keepAlive = document.paths['/v1/leases:keepAlive']?.['post'];
  t.deepEqual(Object.keys(keepAlive?.requestBody?.content ?? {}), ['application/x-ndjson']);
  t.deepEqual(Object.keys(keepAlive?.responses['200']?.content ?? {}), ['application/x-ndjson', 'text/event-stream']);
});

test('every shape of rule and field gives a valid document', async (t) => {
  const things = endpointsOf(
    await thingsSet({
      Get: {
        rule: {
          get: '/v1/{thing.name=things/*}',
          additionalBindings: [{ get: '/v2/things/{thing.owner.user_name}/{id}' }],
        },
      },
      Make: { rule: { post: '/v1/things/{number}:make', body: 'thing', responseBody: 'thing' } },
      Talk: { rule: { post: '/v1/things:talk', body: '*' }, clientStreaming: true, serverStreaming: true },
    }),
  );
  const made = JSON.parse(JSON.stringify(openApi(things, '1'))) as Document;
  const { valid, errors } = await new Validator().validate({ ...made });
  t.true(valid, JSON.stringify(errors));
  t.is(made.paths['/v2/things/{thing_owner_user_name}/{id}']?.['get']?.operationId, 'ThingService_Get_2');
});
