import { BerthError } from '@berth/kernel';
import type { FastifyInstance, FastifyRequest } from 'fastify';

/** What the body of a request is. */
export type RawBody =
  | { readonly type: 'none' }
  | { readonly type: 'json'; readonly value: unknown }
  | { readonly type: 'form'; readonly form: URLSearchParams };

const FORM = 'application/x-www-form-urlencoded';
/** What is deeper is nobody's document, and would take the stack of whoever sends it on. */
const MAX_DEPTH = 32;
const JSON_TYPE = /^application\/(?:[\w.+-]+\+)?json$/;

/** Lets the routes of this plugin read bodies with `bodyOf`: as text, whatever their type. */
export function takeRawBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
}

/** The body of a request: JSON or a form. Throws MALFORMED_REQUEST, and UNSUPPORTED_MEDIA for other types. */
export function bodyOf({ body, headers }: FastifyRequest): RawBody {
  return readBody(typeof body === 'string' ? body : '', headers['content-type']);
}

/** Reads the text of a body. */
export function readBody(text: string, contentType = ''): RawBody {
  if (text.trim() === '') return { type: 'none' };
  const type = contentType.split(';')[0]?.trim().toLowerCase() ?? '';
  // `curl -d '{…}'` says that it is a form, and Python's requests say nothing.
  const looksLikeJson = /^\s*[[{]/.test(text);
  if (JSON_TYPE.test(type) || (looksLikeJson && ['', FORM, 'text/plain'].includes(type))) {
    return { type: 'json', value: parseJson(text) };
  }
  if (type === FORM || type === '') return { type: 'form', form: new URLSearchParams(text) };
  throw new BerthError('UNSUPPORTED_MEDIA', `a body of type ${type} is not read here; send JSON or a form.`, {
    fields: [{ field: 'content-type', description: `is ${type}; application/json and ${FORM} are allowed` }],
  });
}

function parseJson(text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw malformed(`is no JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  checkValue(value, MAX_DEPTH);
  return value;
}

/** Refuses what would get lost, or take the whole stack, on the way to a role. */
function checkValue(value: unknown, levels: number): void {
  if (typeof value !== 'object' || value === null) return;
  if (levels === 0) throw malformed(`has values more than ${String(MAX_DEPTH)} levels deep`);
  if (Object.hasOwn(value, '__proto__')) throw malformed('has the name "__proto__", which nothing may have');
  for (const inner of Object.values(value)) checkValue(inner, levels - 1);
}

function malformed(description: string): BerthError {
  return new BerthError('MALFORMED_REQUEST', `body: ${description}.`, { fields: [{ field: 'body', description }] });
}
