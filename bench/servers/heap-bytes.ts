import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '@berth/testkit';
import type { ServerProcess } from './server-process.js';

/** The environment of a server whose live heap can be measured; `folder` is for what it writes meanwhile. */
export function heapEnvironment(folder: string): NodeJS.ProcessEnv {
  return { NODE_OPTIONS: `--heapsnapshot-signal=SIGUSR2 --diagnostic-dir=${folder}` };
}

interface Snapshot {
  readonly snapshot: { readonly meta: { readonly node_fields: readonly string[] } };
  readonly nodes: readonly number[];
}

/** The size of all that a server's heap and buffers hold, without garbage. The server stands still while it writes that down. */
export async function heapBytes({ pid }: ServerProcess, folder: string): Promise<number> {
  process.kill(pid, 'SIGUSR2');
  const written = () => {
    const [file] = readdirSync(folder).filter((name) => name.endsWith('.heapsnapshot'));
    return file === undefined ? undefined : (JSON.parse(readFileSync(join(folder, file), 'utf8')) as Snapshot);
  };
  const { snapshot, nodes } = await until(written, { what: 'the snapshot of a heap', timeoutMs: 60_000 });
  for (const file of readdirSync(folder)) if (file.endsWith('.heapsnapshot')) rmSync(join(folder, file));
  const { node_fields: fields } = snapshot.meta;
  const at = fields.indexOf('self_size');
  return nodes.reduce((sum, value, i) => (i % fields.length === at ? sum + value : sum), 0);
}
