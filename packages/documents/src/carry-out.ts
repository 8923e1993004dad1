import { setTimeout as sleep } from 'node:timers/promises';
import type { Answered, KeepsAnswers, RequestKey } from '@berth/kernel';
import { BerthError, requestIdReused } from '@berth/kernel';
import type { Collection, Document, Stored } from '@berth/storage';
import { keepAnswer, wasAnswered } from './answers.js';
import type { Taken } from './taken.js';
import { neverTaken } from './taken.js';

/** A command on one document. */
export interface Command<T extends Document> {
  /** The document's. */
  readonly id: string;
  readonly key: RequestKey;
  /**
   * The new document; undefined when all is as the command asks. Throws BerthError when it may not or cannot be done.
   * Called again, with the document as it is then, when another writer was faster.
   */
  readonly plan: (stored: Stored<T>) => T | undefined;
}

/** What a command is answered with: the document as it is now, or why the command was refused. */
export type Answer<T extends Document> = { readonly stored: Stored<T> } | { readonly error: BerthError };

export interface CommandOptions {
  readonly nowMs: number;
  /** For how long a repeat of a command gets its answer. */
  readonly keepAnswersMs: number;
  readonly notFound: (id: string) => BerthError;
  /** Absent: commands write no unique value but that of `answeredIds`. */
  readonly taken?: Taken;
  /** An EarlierAnswers. Absent: of each document the last 128 to 256 commands can be repeated. */
  readonly earlier?: {
    keep(documentId: string, answers: readonly Answered[]): Promise<void>;
    find(requestIds: readonly string[]): Promise<readonly Answered[]>;
  };
}

/** Under 32 writers of one document a write takes about 12 tries; more than this is no ordinary contention. */
const MOST_TRIES = 200;
const LONGEST_PAUSE_MS = 50;
/** The unique index of `answeredIds`. */
const ANSWERED = 'answered';
/** Planned and written together: so few that what a plan was made on, its time too, is not old when it is written. */
const ROUND = 500;

/**
 * Carries out commands on documents by compare-and-swap, each for itself.
 *
 * - Commands on one document are carried out in their order; of those that race with other callers', each is planned on
 *   what the one before it left. A plan made on revision e is written only at e: when another writer came in between, the
 *   write is stale, and the command is planned again on what that one wrote.
 * - A command that was carried out is kept in its document by the write that carries it out, so both are there or neither:
 *   whatever dies, a repeat within `keepAnswersMs` is answered with the document as it is then, and not carried out. A
 *   refused command is not kept.
 * - An answer is given once the write is durable. When this throws, any of the commands may have been carried out; a
 *   repeat by the same request ids completes them.
 *
 * The unique index of `answeredIds` is named `answered`: a duplicate in it is REQUEST_ID_REUSED, and `taken` says what one in
 * another index is. Answers in the order of the commands; throws STORE_UNAVAILABLE.
 */
export async function carryOut<T extends Document & KeepsAnswers>(
  collection: Collection<T>,
  commands: readonly Command<T>[],
  options: CommandOptions,
): Promise<readonly Answer<T>[]> {
  const answers = new Map<Command<T>, Answer<T>>();
  let pending = commands;
  for (let tries = 0; pending.length > 0; tries += 1) {
    const { round, later } = nextRound(pending);
    const writes = await planRound(collection, round, answers, options);
    const beaten = await writeRound(collection, writes, answers, options);
    if (tries >= MOST_TRIES) {
      for (const command of beaten.splice(0)) answers.set(command, { error: tooManyConflicts(command.id) });
    }
    // First those that were planned already: of each document the first one, so the order within a document stays.
    pending = [...beaten, ...later];
    // Losers that tried again at once would lose again: they spread out.
    if (beaten.length > 0) await sleep(Math.random() * Math.min(LONGEST_PAUSE_MS, 2 ** Math.min(tries, 6)));
  }
  return commands.map((command) => answers.get(command) ?? { error: options.notFound(command.id) });
}

/** Carries out one command. Throws why it was refused. */
export async function carryOutOne<T extends Document & KeepsAnswers>(
  collection: Collection<T>,
  command: Command<T>,
  options: CommandOptions,
): Promise<Stored<T>> {
  const [answer] = await carryOut(collection, [command], options);
  return storedOf(answer ?? { error: options.notFound(command.id) });
}

/** What is stored, of an answer that is no refusal. Throws why a command was refused. */
export function storedOf<T extends Document>(answer: Answer<T>): Stored<T> {
  if ('error' in answer) throw answer.error;
  return answer.stored;
}

/** Takes the first pending command of each document, of some of them; the others have to wait for what it leaves. */
function nextRound<T extends Document>(pending: readonly Command<T>[]) {
  const taken = new Set<string>();
  const round: Command<T>[] = [];
  const later: Command<T>[] = [];
  for (const command of pending) {
    (taken.has(command.id) || round.length >= ROUND ? later : round).push(command);
    taken.add(command.id);
  }
  return { round, later };
}

interface Write<T extends Document> {
  readonly command: Command<T>;
  readonly document: T;
  readonly expected: string;
}

/** Reads once for all. Returns what is to be written; sets the answers of the other commands. */
async function planRound<T extends Document & KeepsAnswers>(
  collection: Collection<T>,
  round: readonly Command<T>[],
  answers: Map<Command<T>, Answer<T>>,
  { nowMs, keepAnswersMs, notFound, earlier }: CommandOptions,
): Promise<readonly Write<T>[]> {
  const documents = await collection.getMany(round.map(({ id }) => id));
  const found = new Map(documents.map((stored) => [stored.value.id, stored]));
  const keys = round.flatMap(({ key }) => (key.id === '' ? [] : key.id));
  // After the documents: see EarlierAnswers.
  const before = (await earlier?.find(keys)) ?? [];
  const writes: Write<T>[] = [];
  for (const command of round) {
    try {
      const stored = found.get(command.id);
      if (stored === undefined) throw notFound(command.id);
      const repeats = wasAnswered(stored.value.answered, command.key) || wasAnswered(before, command.key);
      // A command that changes nothing is kept as well: its repeat must not fail when things have moved on.
      const planned = repeats ? undefined : (command.plan(stored) ?? stored.value);
      const kept = planned && keepAnswer(planned, command.key, nowMs, keepAnswersMs);
      if (kept === undefined || kept.document === stored.value) {
        answers.set(command, { stored });
        continue;
      }
      if (kept.overflow.length > 0) await earlier?.keep(command.id, kept.overflow);
      writes.push({ command, document: kept.document, expected: stored.revision });
    } catch (error) {
      if (!(error instanceof BerthError)) throw error;
      answers.set(command, { error });
    }
  }
  return writes;
}

/** Writes once for all, and sets the answers. Returns the commands to be planned again. */
async function writeRound<T extends Document>(
  collection: Collection<T>,
  writes: readonly Write<T>[],
  answers: Map<Command<T>, Answer<T>>,
  { notFound, taken = neverTaken }: CommandOptions,
): Promise<Command<T>[]> {
  const beaten: Command<T>[] = [];
  const results = writes.length === 0 ? [] : await collection.replaceMany(writes);
  for (const [at, { command, document }] of writes.entries()) {
    const result = results[at];
    switch (result?.outcome) {
      case 'replaced':
        answers.set(command, { stored: { value: document, revision: result.revision } });
        break;
      case 'stale':
        beaten.push(command);
        break;
      case 'duplicate': {
        const error = result.index === ANSWERED ? requestIdReused(command.key.id) : taken(result.index);
        if (error === undefined) beaten.push(command);
        else answers.set(command, { error });
        break;
      }
      default:
        answers.set(command, { error: notFound(command.id) });
    }
  }
  return beaten;
}

function tooManyConflicts(id: string): BerthError {
  return new BerthError(
    'TOO_MANY_CONFLICTS',
    `others changed '${id}' again and again while this command was tried; repeat it with the same request_id.`,
    { retryAfterMs: 100, metadata: { id } },
  );
}
