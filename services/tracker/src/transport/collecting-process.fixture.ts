// What tests of collectors that die or are paused have in common: an allocation whose deletion comes next.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Berth } from '@berth/client';
import { CollectAction } from '@berth/proto/berth/tracker/v1/collection';
import { tempFolder, until } from '@berth/testkit';
import type { ExecutionContext } from 'ava';
import type { TrackerProcessOptions } from './tracker-processes.fixture.js';

type Api = Berth['allocations'];

/** The claim of a deletion lasts for the command's time and half a minute. */
export const PAST_CLAIM_MS = 60_000;

/** A command that deletes, and the keys that it was run with. */
export interface DeleteCommand {
  readonly config: NonNullable<TrackerProcessOptions['config']>;
  readonly keys: () => readonly string[];
}

export function deleteCommand(t: ExecutionContext): DeleteCommand {
  const file = join(tempFolder(t), 'keys');
  const vm = { delete: `echo "$BERTH_IDEMPOTENCY_KEY" >> ${file}`, notify: 'true', timeoutMs: 10_000 };
  return {
    config: { sweepMs: 100, collect: { graceMs: 0, maxPercent: 100, kinds: { vm } } },
    keys: () => {
      try {
        return readFileSync(file, 'utf8').trim().split('\n');
      } catch {
        return [];
      }
    },
  };
}

/** Something past its end that is marked, its owner told, and due. */
export async function dueAllocation(api: Api): Promise<string> {
  const expectedEnd = new Date(Date.now() - 1000);
  const { allocation } = await api.registerIntent({ allocation: { kind: 'vm', owner: 'ann', expectedEnd } });
  const id = allocation?.id ?? '';
  await api.confirmAllocation({ id });
  for (const action of [CollectAction.MARK, CollectAction.NOTIFY]) {
    await applied(api, await planTo(api, action));
  }
  return id;
}

/** What became of the one item of a plan. On a busy machine Redis may not answer in time, and then there is no lock. */
export async function applied(api: Api, planId: string): Promise<string> {
  const apply = async () => (await api.applyPlan({ planId }, { retry: false })).outcomes[0]?.outcome;
  return until(apply, { what: 'the lock on collecting', timeoutMs: 30_000 });
}

/** A plan that does this with one allocation, once it leaks. */
export function planTo(api: Api, action: CollectAction): Promise<string> {
  return until(
    async () => {
      const { plan } = await api.planCollection({});
      return plan?.items.length === 1 && plan.items[0]?.action === action ? plan.id : undefined;
    },
    { what: `a plan to ${CollectAction[action]}`, timeoutMs: 30_000 },
  );
}
