import type { ChainedEntry } from '../event-log/chain.js';
import { continues } from '../event-log/chain.js';
import type { Append, AppendResult, LogStep, Refusal, Revision } from '../event-log/event-log.js';
import { packEvents } from '../event-log/packing.js';
import type { LabKeys } from './lab-keys.js';
import type { ScriptArgument } from './lua-script.js';
import type { StreamEntry } from './stream-entry.js';
import { streamEntry } from './stream-entry.js';

function pushStep(step: LogStep, keys: LabKeys, keyList: string[], args: ScriptArgument[]): void {
  switch (step.kind) {
    case 'hold':
      keyList.push(keys.held(step.bench));
      args.push('h', step.lease, step.event);
      return;
    case 'free':
      keyList.push(keys.held(step.bench));
      args.push('f', step.lease);
      return;
    case 'arm':
      args.push('a', step.lease, Math.ceil(step.ttlMs * 1_000));
      return;
    case 'disarm':
      args.push('d', step.lease);
      return;
    case 'overdue':
      args.push('o', step.lease);
      return;
    case 'sessionAlive':
      keyList.push(keys.session(step.session));
      args.push('s');
      return;
    case 'sessionGone':
      keyList.push(keys.session(step.session));
      args.push('g');
      return;
    case 'fresh':
      keyList.push(keys.answer(step.id));
      args.push('n');
      return;
    case 'remember':
      keyList.push(keys.answer(step.id));
      args.push(step.stamped ? 'R' : 'r', step.value, Math.max(1, Math.ceil(step.ttlMs)));
  }
}

/** The keys and arguments of the append script. */
export function appendCall(batch: Append, keys: LabKeys): { keys: string[]; args: ScriptArgument[] } {
  const keyList = [keys.log, keys.last, keys.deadlines];
  const args: ScriptArgument[] = [batch.expected, batch.events.length, packEvents(batch.events)];
  for (const step of batch.steps) pushStep(step, keys, keyList, args);
  return { keys: keyList, args };
}

export type AppendAnswer =
  | readonly [0, nowUs: number, first: Revision, last: Revision]
  | readonly [1, nowUs: number, last: Revision, entries: readonly StreamEntry[]]
  | readonly [
      2,
      nowUs: number,
      step: number,
      lease?: Buffer | null,
      remainingMs?: number | null,
      value?: Buffer | null,
    ];

function refusal(answer: AppendAnswer & readonly [2, ...unknown[]]): Refusal {
  const [, , step, lease, remainingMs, value] = answer;
  return {
    step,
    ...(lease ? { lease: lease.toString() } : {}),
    ...(typeof remainingMs === 'number' ? { remainingMs } : {}),
    ...(value ? { value: value.toString() } : {}),
  };
}

/** What the script's answer means. */
export function appendResult(answer: AppendAnswer, expected: Revision): AppendResult {
  if (answer[0] === 0) return { outcome: 'committed', first: answer[2], last: answer[3] };
  if (answer[0] === 2) return { outcome: 'refused', refusal: refusal(answer) };
  const missed: ChainedEntry[] = answer[3].map(streamEntry);
  if (!continues(expected, answer[2], missed[0])) return { outcome: 'lost' };
  return { outcome: 'conflict', missed: missed.map(({ entry }) => entry) };
}
