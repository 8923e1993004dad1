import type { FileDescriptorSet } from '@bufbuild/protobuf/wkt';

/** The full names of the services of each role: those of its package, in order. */
export function servicesOfRoles(set: FileDescriptorSet): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const { package: name, service } of set.file) {
    const [, role] = /^berth\.([a-z]+)\.v\d+$/.exec(name) ?? [];
    if (role === undefined || service.length === 0) continue;
    const names = service.map((each) => `${name}.${each.name}`);
    found.set(role, [...(found.get(role) ?? []), ...names].sort());
  }
  return found;
}
