import type { DescExtension, DescMessage, DescMethod, FileRegistry } from '@bufbuild/protobuf';
import { createFileRegistry } from '@bufbuild/protobuf';
import type { FileDescriptorSet } from '@bufbuild/protobuf/wkt';
import type { HttpBinding } from './descriptors/http-bindings.js';
import { bindingsOf } from './descriptors/http-bindings.js';
import { RouteTable } from './paths/route-table.js';
import { RequestReader } from './request/request-reader.js';
import { responseWriter } from './response-text.js';

/** A method of gRPC as it is called by one of its HTTP rules. */
export interface Endpoint {
  /** The method's path in gRPC, `/berth.lease.v1.LeaseService/Acquire`. */
  readonly path: string;
  readonly method: DescMethod;
  readonly binding: HttpBinding;
  readonly requestStream: boolean;
  readonly responseStream: boolean;
  readonly reader: RequestReader;
  /** The JSON text of an encoded response. */
  readonly responseText: (bytes: Uint8Array) => string;
}

/** All methods of a descriptor set that have HTTP rules. */
export interface Endpoints {
  readonly list: readonly Endpoint[];
  readonly table: RouteTable<Endpoint>;
  readonly registry: FileRegistry;
}

/** The endpoints of a descriptor set. Throws Error for a rule that cannot be served, and for two that are one. */
export function endpointsOf(set: FileDescriptorSet): Endpoints {
  const registry = createFileRegistry(set);
  const http = registry.getExtension('google.api.http');
  if (http === undefined) throw new Error('the descriptors have no google.api.http');
  const list = methodsOf(registry).flatMap((method) => endpointsOfMethod(method, http, registry));
  const table = new RouteTable<Endpoint>();
  for (const endpoint of list) table.add(endpoint.binding.method, endpoint.binding.template, endpoint);
  return { list, table, registry };
}

/** All methods of all services, by file. */
export function methodsOf(registry: FileRegistry): readonly DescMethod[] {
  return [...registry.files].flatMap(({ services }) => services.flatMap(({ methods }) => methods));
}

function endpointsOfMethod(method: DescMethod, http: DescExtension, registry: FileRegistry): readonly Endpoint[] {
  const { methodKind, input, output, parent, name } = method;
  const writers = new Map<string, (bytes: Uint8Array) => string>();
  const writerOf = (type: DescMessage, field: string): ((bytes: Uint8Array) => string) => {
    const writer = writers.get(field) ?? responseWriter(type, field, registry);
    writers.set(field, writer);
    return writer;
  };
  return bindingsOf(method, http).map((binding) => ({
    path: `/${parent.typeName}/${name}`,
    method,
    binding,
    requestStream: methodKind === 'client_streaming' || methodKind === 'bidi_streaming',
    responseStream: methodKind === 'server_streaming' || methodKind === 'bidi_streaming',
    reader: new RequestReader(input, binding, registry),
    responseText: writerOf(output, binding.responseBody),
  }));
}
