import type { DescService } from '@bufbuild/protobuf';
import type { Endpoint, Endpoints } from '../endpoints.js';
import { Comments } from './comments.js';
import { operation } from './operation.js';
import { pathNames } from './path-names.js';
import type { Schema } from './schemas.js';
import { Schemas } from './schemas.js';

const ABOUT = `Everything that Berth does, over HTTP. Made from the proto files; the page docs/http.md says how requests, answers,
errors and streams are written.`;

const SECURITY_SCHEMES = {
  bearer: {
    type: 'http',
    scheme: 'bearer',
    description: 'A token of Berth, or a JSON web token of the identity provider.',
  },
  basic: { type: 'http', scheme: 'basic', description: "For what knows no other way: a token as Basic's password." },
  certificate: { type: 'mutualTLS', description: 'A client certificate, where the server asks for one.' },
};

/** The OpenAPI document (3.1) of all endpoints. */
export function openApi({ list, registry }: Pick<Endpoints, 'list' | 'registry'>, version: string): Schema {
  const comments = new Comments();
  const schemas = new Schemas(comments);
  const status = registry.getMessage('google.rpc.Status');
  const names = pathNames(list.map(({ binding }) => binding.template));
  const paths: Record<string, Record<string, Schema>> = {};
  const services = new Set<DescService>();
  for (const endpoint of list) {
    const { binding, method } = endpoint;
    services.add(method.parent);
    const { path, variables } = names(binding.template);
    const item = (paths[path] ??= {});
    item[binding.method.toLowerCase()] = operation(endpoint, variables, indexOf(endpoint, list), { comments, schemas });
  }
  const error = status === undefined ? {} : schemas.ofMessage(status);
  return {
    openapi: '3.1.0',
    info: {
      title: 'Berth',
      version,
      description: ABOUT.replaceAll('\n', ' '),
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    security: [{}, ...Object.keys(SECURITY_SCHEMES).map((name) => ({ [name]: [] }))],
    tags: [...services].map((service) => ({ name: service.name, description: comments.of(service) })),
    paths,
    components: {
      schemas: schemas.all,
      responses: {
        Error: {
          description: 'What is wrong; `details` has the machine-readable reason (google.rpc.ErrorInfo).',
          content: { 'application/json': { schema: error } },
        },
      },
      securitySchemes: SECURITY_SCHEMES,
    },
  };
}

/** Which of its method's bindings an endpoint is, from 0. */
function indexOf(endpoint: Endpoint, list: readonly Endpoint[]): number {
  return list.filter(({ method }) => method === endpoint.method).indexOf(endpoint);
}
