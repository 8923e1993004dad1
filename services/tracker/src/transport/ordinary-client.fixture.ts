// A client as gRPC makes it: it takes messages of 4 MiB and no more.
import type { ServiceDefinition } from '@berth/server';
import { TestClient } from '@berth/testkit/test-client';
import { Client, credentials } from '@grpc/grpc-js';
import { closedAfter } from '@berth/testkit';
import type { ExecutionContext } from 'ava';

const CALLER = 'ann/operator';

/** The methods of a service with these settings, as functions by name, to be taken as the service's API; `called` learns the name of each that was called. */
export function ordinaryClient(
  t: ExecutionContext,
  address: string,
  definition: ServiceDefinition,
  called: Set<string>,
): unknown {
  const client = closedAfter(t, new Client(address, credentials.createInsecure()));
  const served = new TestClient(client, definition);
  const entries = Object.entries(definition.methods).map(([key, { name, responseStream }]) => {
    const call = (request: never): unknown => {
      called.add(name);
      return responseStream ? served.open(key, request, CALLER) : served.call(key, request, CALLER);
    };
    return [key, call] as const;
  });
  return Object.fromEntries(entries);
}
