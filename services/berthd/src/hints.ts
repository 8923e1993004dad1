import type { ListenAddress } from '@berth/server';
import { formatListenAddress } from '@berth/server';

/** What a person may try next. */
export function hints(
  address: ListenAddress,
  http: string | undefined,
  config: { readonly dataDir: string; readonly store: string },
): string {
  const where = formatListenAddress(address);
  const server = where === '127.0.0.1:7070' ? '' : ` --address ${where}`;
  const kept = config.store === 'sqlite' ? `data stay in ${config.dataDir}` : 'leases stay in Redis';
  return `
Berth serves on ${where}${http === undefined ? '' : `, and over HTTP on ${http}`}. In a second terminal:

  npx berth ls${server}
  npx berth run${server} --query 'location=office1&attributes=[a]&entity_properties=[[c],[e]]' -- env
  npx berth queue${server}
${http === undefined ? '' : `  curl -s ${http}/\n`}
Ctrl-C stops it; ${kept}.
`;
}
