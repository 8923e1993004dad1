import type { AccessLog, CallMetrics } from '@berth/server';
import { MethodWatch } from '@berth/server';
import type { FileDescriptorSet } from '@bufbuild/protobuf/wkt';
import { roleOfPath } from './role-of-path.js';

/** Whatever clients ask for that there is not: their words must not become names of metrics. */
const UNKNOWN = '/unknown';

/** What watches the calls of each method of these roles, and of all other paths together. */
export function watches(
  set: FileDescriptorSet,
  roles: readonly string[],
  { calls, accessLog }: { readonly calls?: CallMetrics | undefined; readonly accessLog?: AccessLog | undefined },
): (path: string) => MethodWatch | undefined {
  if (calls === undefined && accessLog === undefined) return () => undefined;
  const found = new Map<string, MethodWatch>();
  const add = (path: string, isStream: boolean): MethodWatch => {
    const watch = new MethodWatch(calls?.of(path, isStream), accessLog);
    found.set(path, watch);
    return watch;
  };
  for (const { package: name, service } of set.file) {
    if (!roles.includes(roleOfPath(`/${name}.`) ?? '')) continue;
    for (const each of service) {
      for (const { name: method, clientStreaming, serverStreaming } of each.method) {
        add(`/${name}.${each.name}/${method}`, clientStreaming || serverStreaming);
      }
    }
  }
  const unknown = add(UNKNOWN, false);
  return (path) => found.get(path) ?? unknown;
}
