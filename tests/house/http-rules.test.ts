import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import test from 'ava';

const ROOT = join(import.meta.dirname, '../..');
const VERBS = ['get', 'put', 'post', 'delete', 'patch'] as const;

/** What buf writes of a set of files, as far as it is read here. */
interface FileSet {
  readonly file: readonly {
    readonly package: string;
    readonly messageType?: readonly Message[];
    readonly service?: readonly { readonly name: string; readonly method: readonly Method[] }[];
  }[];
}

interface Message {
  readonly name: string;
  readonly field?: readonly { readonly name: string; readonly typeName?: string; readonly label: string }[];
}

interface Method {
  readonly name: string;
  readonly inputType: string;
  readonly options?: {
    readonly idempotencyLevel?: string;
    readonly '[google.api.http]'?: Readonly<Record<string, string>>;
  };
}

/** One rule: `get /v1/pools/{name}:state`. */
interface Rule {
  readonly rpc: string;
  readonly method: Method;
  readonly verb: string;
  readonly path: string;
  readonly body: string;
  /** Literals, and `{field}` for variables. */
  readonly segments: readonly string[];
  /** What stands behind the last colon; empty = nothing. */
  readonly action: string;
}

const set = JSON.parse(
  execFileSync(join(ROOT, 'node_modules/.bin/buf'), ['build', '--as-file-descriptor-set', '-o', '-#format=json'], {
    cwd: ROOT,
    encoding: 'utf8',
    maxBuffer: 64 << 20,
  }),
) as FileSet;

const ours = set.file.filter(({ package: name }) => name.startsWith('berth.'));
const messages = new Map(
  ours.flatMap(({ package: name, messageType = [] }) =>
    messageType.map((message): [string, Message] => [`.${name}.${message.name}`, message]),
  ),
);
const methods = ours.flatMap(({ package: name, service = [] }) =>
  service.flatMap((one) =>
    one.method.map((method): [string, Method] => [`${name}.${one.name}.${method.name}`, method]),
  ),
);

function rulesOf([rpc, method]: readonly [string, Method]): readonly Rule[] {
  const rule = method.options?.['[google.api.http]'] ?? {};
  return VERBS.flatMap((verb) => {
    const path = rule[verb];
    if (path === undefined) return [];
    const [, resource = '', action = ''] = /^(.*?)(?::([A-Za-z]+))?$/.exec(path) ?? [];
    const segments = resource.split('/').slice(1);
    return [{ rpc, method, verb, path, body: rule['body'] ?? '', segments, action }];
  });
}

const rules = methods.flatMap(rulesOf);

/** Whether a URL could be meant by both: each segment is the same, or a variable in one of them. */
function clash(one: Rule, other: Rule): boolean {
  if (one.verb !== other.verb || one.action !== other.action) return false;
  if (one.segments.length !== other.segments.length) return false;
  return one.segments.every((segment, i) => {
    const against = other.segments[i] ?? '';
    return segment === against || segment.startsWith('{') || against.startsWith('{');
  });
}

/** The field of a request that a path such as `bench.name` names; undefined when there is none. */
function fieldOf(type: string, path: string): { readonly typeName?: string; readonly label: string } | undefined {
  const [first = '', ...rest] = path.split('.');
  const field = messages.get(type)?.field?.find(({ name }) => name === first);
  return rest.length === 0 || field?.typeName === undefined ? field : fieldOf(field.typeName, rest.join('.'));
}

test('each RPC has exactly one rule, below /v1', (t) => {
  t.true(methods.length > 100);
  for (const method of methods) t.is(rulesOf(method).length, 1, method[0]);
  for (const { path, rpc } of rules) t.regex(path, /^\/v1(\/([a-z][a-zA-Z-]*|\{[a-z_.]+\}))+(:[a-z][A-Za-z]*)?$/, rpc);
});

test('no two rules clash', (t) => {
  for (const [i, one] of rules.entries()) {
    for (const other of rules.slice(i + 1))
      t.false(clash(one, other), `${one.verb} ${one.path} of ${one.rpc}, ${other.path} of ${other.rpc}`);
  }
});

test('what clashes is noticed', (t) => {
  const [first] = methods;
  if (first === undefined) throw new Error('there are no methods');
  const [rpc, method] = first;
  const rule = (path: string): Rule => {
    const made = rulesOf([rpc, { ...method, options: { '[google.api.http]': { get: path } } }])[0];
    if (made === undefined) throw new Error(path);
    return made;
  };
  t.true(clash(rule('/v1/things/{id}'), rule('/v1/things/{name}')));
  t.true(clash(rule('/v1/things/all'), rule('/v1/things/{name}')));
  t.true(clash(rule('/v1/things:list'), rule('/v1/things:list')));
  t.false(clash(rule('/v1/things:list'), rule('/v1/things')));
  t.false(clash(rule('/v1/things/{id}:stop'), rule('/v1/things/{id}')));
  t.false(clash(rule('/v1/things/{id}'), rule('/v1/others/{id}')));
});

test('variables and bodies name fields of the request, and what only reads takes no body but by POST', (t) => {
  for (const { rpc, method, verb, body, segments } of rules) {
    const { inputType, options } = method;
    for (const segment of segments.filter((one) => one.startsWith('{'))) {
      const field = fieldOf(inputType, segment.slice(1, -1));
      t.truthy(field, `${rpc}: ${segment}`);
      t.is(field?.typeName, undefined, `${rpc}: ${segment} is a single value`);
      t.is(field?.label, 'LABEL_OPTIONAL', `${rpc}: ${segment} is a single value`);
    }
    if (body !== '' && body !== '*') t.truthy(fieldOf(inputType, body)?.typeName, `${rpc}: body ${body}`);
    if (verb === 'get' || verb === 'delete') t.is(body, '', rpc);
    else t.not(body, '', rpc);
    const reads = options?.idempotencyLevel === 'NO_SIDE_EFFECTS';
    if (verb === 'get') t.true(reads, `${rpc} has side effects`);
    else if (reads) t.is(verb, 'post', rpc);
  }
});
