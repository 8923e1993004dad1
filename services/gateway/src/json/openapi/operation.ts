import type { DescMessage } from '@bufbuild/protobuf';
import { namedField } from '../descriptors/field-names.js';
import type { Endpoint } from '../endpoints.js';
import type { Comments } from './comments.js';
import { pathParameters, queryParameters } from './parameters.js';
import type { Schema, Schemas } from './schemas.js';

const LINES = 'application/x-ndjson';
const EVENTS = 'text/event-stream';
const ERROR = { $ref: '#/components/responses/Error' };

interface Parts {
  readonly comments: Comments;
  readonly schemas: Schemas;
}

/** The operation of an endpoint. `variables` are the names of its path's variables, `index` which binding of its method it is. */
export function operation(endpoint: Endpoint, variables: readonly string[], index: number, parts: Parts): Schema {
  const { method, binding } = endpoint;
  const { comments, schemas } = parts;
  const description = comments.of(method);
  const parameters = [
    ...pathParameters(method.input, binding, variables, schemas),
    ...queryParameters(method.input, binding, schemas),
  ];
  return {
    operationId: `${method.parent.name}_${method.name}${index === 0 ? '' : `_${String(index + 1)}`}`,
    tags: [method.parent.name],
    ...(description !== '' && { summary: description.split(/(?<=\.)\s/, 1)[0], description }),
    ...(parameters.length > 0 && { parameters }),
    ...(binding.body !== '' && { requestBody: requestBody(endpoint, schemas) }),
    responses: { 200: answer(endpoint, schemas), default: ERROR },
  };
}

function requestBody({ method, binding, requestStream }: Endpoint, schemas: Schemas): Schema {
  const schema = partSchema(method.input, binding.body === '*' ? '' : binding.body, schemas);
  if (!requestStream) return { required: true, content: { 'application/json': { schema } } };
  const description = 'A stream: one JSON value a line, each read as it comes.';
  return { required: true, description, content: { [LINES]: { schema } } };
}

function answer({ method, binding, responseStream }: Endpoint, schemas: Schemas): Schema {
  const schema = partSchema(method.output, binding.responseBody, schemas);
  if (!responseStream) return { description: 'OK', content: { 'application/json': { schema } } };
  const line = {
    oneOf: [
      { type: 'object', properties: { result: schema }, required: ['result'] },
      {
        type: 'object',
        properties: { error: { $ref: '#/components/schemas/google.rpc.Status' } },
        required: ['error'],
      },
    ],
  };
  const description =
    'A stream of lines, or of events for `Accept: text/event-stream`: `{"result": …}` each; where it fails, `{"error": …}` at the end.';
  return { description, content: { [LINES]: { schema: line }, [EVENTS]: { schema: line } } };
}

/** The schema of a message, or of one of its fields. */
function partSchema(type: DescMessage, name: string, schemas: Schemas): Schema {
  const field = name === '' ? undefined : namedField(type, name);
  return field === undefined ? schemas.ofMessage(type) : schemas.ofField(field);
}
