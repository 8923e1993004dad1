import { type Berth, toDuration } from '@berth/client';
import type { Command } from 'commander';
import { userInfo } from 'node:os';
import { parsePair, parseSpan, parseUntil } from '../program/options.js';

/** What `addIntentOptions` reads. */
export interface IntentFlags {
  readonly kind: string;
  readonly owner?: string;
  readonly timeout?: number;
  readonly application?: string;
  readonly module?: string;
  readonly label?: Record<string, string>;
  readonly attr?: Record<string, string>;
  readonly group?: string;
  readonly externalId?: string;
  readonly end?: Date;
  readonly parent?: string;
  readonly protect?: boolean;
}

/** Adds the flags that say what is about to be allocated. */
export function addIntentOptions(command: Command): Command {
  return command
    .option('--kind <kind>', 'what it is: vm, volume …', 'resource')
    .option('--owner <name>', 'who it is for (default: you)')
    .option('--timeout <span>', 'how long until its outcome is expected (default 1h)', parseSpan)
    .option('--application <name>', 'which program allocates')
    .option('--module <name>', 'which part of it')
    .option('--label <key=value>', 'a label to filter by; repeatable', parsePair)
    .option('--attr <key=value>', 'a fact for people; repeatable', parsePair)
    .option('--group <id>', 'the group that it belongs to')
    .option('--external-id <name>', 'its name at the provider, if that is known already')
    .option('--end <when>', 'when it is expected to be given back: a span such as 2h, or a date', parseUntil)
    .option('--parent <name>', 'what keeps it alive, such as lease/default/ls-…')
    .option('--protect', 'have it never collected');
}

type IntentRequest = Parameters<Berth['allocations']['registerIntent']>[0];

/** The request that the flags describe. */
export function intentOf(flags: IntentFlags): IntentRequest {
  const { kind, owner, timeout, application, module, label, attr, group, externalId, end, parent, protect } = flags;
  return {
    allocation: {
      kind,
      owner: owner ?? process.env['BERTH_USER'] ?? userInfo().username,
      ...(application !== undefined && { application }),
      ...(module !== undefined && { module }),
      ...(label && { labels: label }),
      ...(attr && { attributes: attr }),
      ...(group !== undefined && { group }),
      ...(externalId !== undefined && { externalId }),
      ...(end && { expectedEnd: end }),
      ...(parent !== undefined && { parent }),
      protected: protect ?? false,
    },
    ...(timeout !== undefined && { timeout: toDuration(timeout) }),
  };
}
