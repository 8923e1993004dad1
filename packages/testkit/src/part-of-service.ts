import type { ServiceDefinition, ServiceImplementation } from '@berth/server';

/** An implementation of some methods of a service; calls of the others fail. */
export function partOfService<D extends ServiceDefinition>(
  { methods }: D,
  part: Partial<ServiceImplementation<D>>,
): ServiceImplementation<D> {
  const others = Object.keys(methods).map((name) => [name, () => Promise.reject(new Error(`${name} is not there`))]);
  return { ...Object.fromEntries(others), ...part } as ServiceImplementation<D>;
}
