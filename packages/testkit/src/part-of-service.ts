import type { Access, AccessTable, ServiceDefinition, ServiceImplementation } from '@berth/server';

/** An implementation of some methods of a service; calls of the others fail. */
export function partOfService<D extends ServiceDefinition>(
  { methods }: D,
  part: Partial<ServiceImplementation<D>>,
): ServiceImplementation<D> {
  const others = Object.keys(methods).map((name) => [name, () => Promise.reject(new Error(`${name} is not there`))]);
  return { ...Object.fromEntries(others), ...part } as ServiceImplementation<D>;
}

/** An access table that is the same for all methods of a service. */
export function accessOfAll<D extends ServiceDefinition>({ methods }: D, access: Access): AccessTable<D> {
  return Object.fromEntries(Object.keys(methods).map((name) => [name, access])) as unknown as AccessTable<D>;
}
