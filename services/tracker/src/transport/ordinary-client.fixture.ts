// A client as gRPC makes it: it takes messages of 4 MiB and no more.
import type { MethodDefinition, ServiceDefinition } from '@berth/server';
import { Client, credentials, Metadata } from '@grpc/grpc-js';
import type { ExecutionContext } from 'ava';

/** The methods of a service with these settings, as functions by name, to be taken as the service's API; `called` learns the name of each that was called. */
export function ordinaryClient(
  t: ExecutionContext,
  address: string,
  { fullName, methods }: ServiceDefinition,
  called: Set<string>,
): unknown {
  const client = new Client(address, credentials.createInsecure());
  t.teardown(() => {
    client.close();
  });
  const metadata = new Metadata();
  metadata.set('berth-user', 'ann');
  metadata.set('berth-role', 'operator');
  const entries = Object.entries(methods).map(([key, { name, requestType, responseType, responseStream }]) => {
    const type = requestType as MethodDefinition['requestType'] & { fromPartial(object: unknown): unknown };
    const path = `/${fullName}/${name}`;
    const encode = (request: unknown): Buffer => Buffer.from(type.encode(type.fromPartial(request)).finish());
    const decode = (bytes: Buffer): unknown => responseType.decode(bytes);
    const call = (request: unknown): unknown => {
      called.add(name);
      if (responseStream) return client.makeServerStreamRequest(path, encode, decode, request, metadata);
      return new Promise((resolve, reject) => {
        client.makeUnaryRequest(path, encode, decode, request, metadata, (error, answer) => {
          if (error === null) resolve(answer);
          else reject(error);
        });
      });
    };
    return [key, call] as const;
  });
  return Object.fromEntries(entries);
}
