import { setTimeout as sleep } from 'node:timers/promises';
import { BerthError, requestIdReused } from '@berth/kernel';
import type { Remembering, RequestKey } from '../domain/index.js';
import { remember, wasAnswered } from '../domain/index.js';
import type { Collection, Stored } from '../ports/collections.js';
import type { Overflow } from './earlier-answers.js';

/** A command on one document. */
export interface Command<T> {
  readonly id: string;
  readonly key: RequestKey;
  /** The new document; undefined when all is as the command asks. Throws BerthError when it may not or cannot be done. */
  readonly plan: (stored: Stored<Document & T>) => T | undefined;
}

interface Document extends Remembering {
  readonly id: string;
}

/** What became of one command: the document as it is now, or why it was refused. */
export type Settled<T extends Document> = { readonly stored: Stored<T> } | { readonly error: BerthError };

export interface SettleOptions {
  readonly nowMs: number;
  /** For how long request ids are remembered. */
  readonly rememberMs: number;
  readonly notFound: (id: string) => BerthError;
  /** Absent: of each document the last 128 to 256 are remembered. */
  readonly overflow?: Overflow;
}

/** Under 32 writers of one document a write takes about 12 tries; more than this is no ordinary contention. */
const MOST_TRIES = 200;
const LONGEST_PAUSE_MS = 50;
/** Planned and written together: so few that what a plan was made on, its time too, is not old when it is written. */
const ROUND = 500;

/**
 * Carries out commands by compare-and-swap, each for itself: of those that race on one document each is decided on what the
 * others left. Commands on the same document are carried out in their order. Answers in the order of the commands; throws
 * STORE_UNAVAILABLE.
 */
export async function settle<T extends Document>(
  collection: Collection<T>,
  commands: readonly Command<T>[],
  options: SettleOptions,
): Promise<readonly Settled<T>[]> {
  const settled = new Array<Settled<T> | undefined>(commands.length).fill(undefined);
  let pending = [...commands.keys()];
  for (let tries = 0; pending.length > 0; tries += 1) {
    const { round, later } = nextRound(pending, commands);
    const stale = await settleRound(collection, round, commands, settled, options);
    if (stale.length > 0 && tries >= MOST_TRIES) {
      for (const i of stale) settled[i] = { error: tooManyConflicts(commands[i]?.id ?? '') };
      stale.length = 0;
    }
    pending = [...stale, ...later].sort((a, b) => a - b);
    // Losers that tried again at once would lose again: they spread out.
    if (stale.length > 0) await sleep(Math.random() * Math.min(LONGEST_PAUSE_MS, 2 ** Math.min(tries, 6)));
  }
  return settled.map((outcome, i) => outcome ?? { error: options.notFound(commands[i]?.id ?? '') });
}

/** Settles one command. Throws why it was refused. */
export async function settleOne<T extends Document>(
  collection: Collection<T>,
  command: Command<T>,
  options: SettleOptions,
): Promise<Stored<T>> {
  const [outcome] = await settle(collection, [command], options);
  if (outcome === undefined) throw options.notFound(command.id);
  if ('error' in outcome) throw outcome.error;
  return outcome.stored;
}

/** Takes the first pending command of each document, of some of them; the others have to wait for what it leaves. */
function nextRound<T>(
  pending: readonly number[],
  commands: readonly Command<T>[],
): { readonly round: readonly number[]; readonly later: readonly number[] } {
  const taken = new Set<string>();
  const round: number[] = [];
  const later: number[] = [];
  for (const i of pending) {
    const id = commands[i]?.id ?? '';
    (taken.has(id) || round.length >= ROUND ? later : round).push(i);
    taken.add(id);
  }
  return { round, later };
}

/** One read and one write for all. Fills `settled`; returns those that somebody else was faster than. */
async function settleRound<T extends Document>(
  collection: Collection<T>,
  round: readonly number[],
  commands: readonly Command<T>[],
  settled: (Settled<T> | undefined)[],
  options: SettleOptions,
): Promise<number[]> {
  const { nowMs, rememberMs, notFound, overflow } = options;
  const ids = round.map((i) => commands[i]?.id ?? '');
  const found = new Map((await collection.getMany(ids)).map((stored) => [stored.value.id, stored]));
  const writes: { readonly i: number; readonly document: T; readonly expected: string }[] = [];
  const keys = round.flatMap((i) => commands[i]?.key.id ?? []).filter((key) => key !== '');
  const earlier = overflow === undefined || keys.length === 0 ? [] : [...(await overflow.find(keys)).values()];
  for (const i of round) {
    const command = commands[i];
    const stored = command && found.get(command.id);
    if (command === undefined || stored === undefined) {
      settled[i] = { error: notFound(command?.id ?? '') };
      continue;
    }
    try {
      if (wasAnswered(stored.value, command.key) || wasAnswered({ answered: earlier }, command.key)) {
        settled[i] = { stored };
        continue;
      }
      // What changed nothing is remembered as well: its repeat must not fail when things have moved on.
      const next = command.plan(stored) ?? stored.value;
      const remembered = remember(next, command.key, nowMs, rememberMs);
      if (remembered.overflow.length > 0) await overflow?.keep(command.id, remembered.overflow);
      if (remembered.document === stored.value) settled[i] = { stored };
      else writes.push({ i, document: remembered.document, expected: stored.revision });
    } catch (error) {
      if (!(error instanceof BerthError)) throw error;
      settled[i] = { error };
    }
  }
  return write(collection, writes, commands, settled, notFound);
}

async function write<T extends Document>(
  collection: Collection<T>,
  writes: readonly { readonly i: number; readonly document: T; readonly expected: string }[],
  commands: readonly Command<T>[],
  settled: (Settled<T> | undefined)[],
  notFound: (id: string) => BerthError,
): Promise<number[]> {
  const stale: number[] = [];
  if (writes.length === 0) return stale;
  const results = await collection.replaceMany(writes);
  for (const [at, { i, document }] of writes.entries()) {
    const result = results[at];
    switch (result?.outcome) {
      case 'replaced':
        settled[i] = { stored: { value: document, revision: result.revision } };
        break;
      case 'stale':
        stale.push(i);
        break;
      case 'duplicate':
        // The only unique index that a command writes is that of the ids of commands.
        settled[i] = { error: requestIdReused(commands[i]?.key.id ?? '') };
        break;
      default:
        settled[i] = { error: notFound(document.id) };
    }
  }
  return stale;
}

function tooManyConflicts(id: string): BerthError {
  return new BerthError(
    'TOO_MANY_CONFLICTS',
    `others changed '${id}' again and again while this command was tried; repeat it with the same request_id.`,
    { retryAfterMs: 100, metadata: { id } },
  );
}
