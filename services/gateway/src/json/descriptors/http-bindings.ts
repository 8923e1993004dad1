import type { DescExtension, DescMethod } from '@bufbuild/protobuf';
import { getOption } from '@bufbuild/protobuf';
import type { PathTemplate } from '../paths/path-template.js';
import { parseTemplate } from '../paths/path-template.js';
import { fieldAt, namedField } from './field-names.js';

/** One way to call a method over HTTP. */
export interface HttpBinding {
  readonly method: string;
  readonly template: PathTemplate;
  /** The field that the body is; `*` = all that the path does not say; empty = there is no body. */
  readonly body: string;
  /** The field of the response that the answer is; empty = all of it. */
  readonly responseBody: string;
}

/** `google.api.HttpRule` as the descriptors give it. */
interface HttpRule {
  readonly pattern: { readonly case?: string; readonly value?: unknown };
  readonly body: string;
  readonly responseBody: string;
  readonly additionalBindings: readonly HttpRule[];
}

/** The fields of `google.api.HttpRule` that are served. `selector` is for rules in other files, `custom` for other verbs. */
export const SERVED_RULE_FIELDS = [
  'get',
  'put',
  'post',
  'delete',
  'patch',
  'body',
  'response_body',
  'additional_bindings',
] as const;

const METHODS = ['get', 'put', 'post', 'delete', 'patch'];

/**
 * The bindings of a method, by its `google.api.http` rule and the additional ones in it. Throws Error for a rule that cannot
 * be served.
 */
export function bindingsOf(method: DescMethod, http: DescExtension): readonly HttpBinding[] {
  const rule: HttpRule = getOption<DescExtension, DescMethod>(method, http) as never;
  if (rule.pattern.case === undefined) return [];
  return [rule, ...rule.additionalBindings].map((one) => {
    const { case: kind = '', value } = one.pattern;
    if (!METHODS.includes(kind)) throw fault(method, `it has the pattern '${kind}'`);
    if (one !== rule && one.additionalBindings.length > 0) throw fault(method, 'additional_bindings have more of them');
    const { body, responseBody } = one;
    const binding = { method: kind.toUpperCase(), template: parseTemplate(String(value)), body, responseBody };
    requireFields(method, binding);
    return binding;
  });
}

function requireFields(method: DescMethod, { template, body, responseBody }: HttpBinding): void {
  for (const { field } of template.variables) {
    const found = fieldAt(method.input, field);
    if (found?.fieldKind !== 'scalar' && found?.fieldKind !== 'enum') {
      throw fault(method, `{${field}} in its path is not a single value of the request`);
    }
  }
  if (body !== '' && body !== '*' && namedField(method.input, body) === undefined) {
    throw fault(method, `the request has no field '${body}' to be the body`);
  }
  if (responseBody !== '' && namedField(method.output, responseBody) === undefined) {
    throw fault(method, `the response has no field '${responseBody}' to be the answer`);
  }
  // A stream of requests has one in each line: no part of one can be in the path.
  const streams = method.methodKind === 'client_streaming' || method.methodKind === 'bidi_streaming';
  if (streams && (body !== '*' || template.variables.length > 0)) {
    throw fault(method, 'a stream of requests takes body "*" and a path without variables');
  }
}

function fault({ parent, name }: DescMethod, why: string): Error {
  return new Error(`the HTTP rule of ${parent.typeName}.${name} cannot be served: ${why}`);
}
