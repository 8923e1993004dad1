import type { CommandRun } from '@berth/proto/berth/pool/v1/resource';
import { CommandKind } from '@berth/proto/berth/pool/v1/resource';
import { dateOf } from '@berth/server';
import type { Hook } from '../../domain/options/options.js';
import type { Run } from '../../domain/run.js';

export const KINDS: Readonly<Record<Hook, CommandKind>> = {
  new: CommandKind.NEW,
  livecheck: CommandKind.LIVECHECK,
  release: CommandKind.RELEASE,
  delete: CommandKind.DELETE,
  list: CommandKind.LIST,
};

/** A run of a command as it is told. */
export function runOf({ hook, attempt, startMs, endMs, code, fault }: Run): CommandRun {
  const startTime = new Date(startMs);
  return { kind: KINDS[hook], attempt, startTime, endTime: dateOf(endMs), exitCode: code, fault };
}
