import { pages } from '@berth/documents';
import type { Clock } from '@berth/kernel';
import { BerthError, pause } from '@berth/kernel';
import type { Hook } from '../domain/options/options.js';
import type { Resource } from '../domain/resource.js';
import { isLive } from '../domain/resource.js';
import type { Run } from '../domain/run.js';
import { partId, runPrefix } from '../domain/run.js';
import type { Collection } from '../ports/collections.js';
import type { LogCollections } from '../ports/log-collections.js';

export interface LogContext {
  readonly resources: Collection<Resource>;
  readonly logs: LogCollections;
  readonly clock: Clock;
}

export interface LogQuery {
  /** Only runs of these commands; empty = of all. */
  readonly hooks: readonly Hook[];
  /** Also what is written from now on, until the resource has ended. */
  readonly follow: boolean;
  readonly signal: AbortSignal;
}

/** A part of the logs of a resource. */
export interface LogPiece {
  /** At the beginning of a run, and again at its end. */
  readonly run?: Run;
  readonly bytes?: Buffer;
  /** Something before this part is left out. */
  readonly leftOut?: boolean;
}

/** How often it is looked for more. */
const LOOK_MS = 300;
const PAGE = 50;
/** After every character that an id may have. */
const LAST = '~';
/** The end of a run is noted soon after it; of one that is not, whoever ran it died. */
const END_MS = 3000;

/** A resource by its name, or by its number in digits; of several with the name the last. Throws NO_SUCH_RESOURCE. */
export async function findResource(resources: Collection<Resource>, name: string): Promise<Resource> {
  const byNumber = /^[1-9]\d{0,15}$/.test(name) ? await resources.get(name) : undefined;
  if (byNumber !== undefined) return byNumber.value;
  const { documents } = await resources.find({ where: { name }, limit: 1000 });
  const last = documents.map(({ value }) => value).sort((a, b) => b.number - a.number)[0];
  if (last !== undefined) return last;
  const message = `there is no resource '${name}', by name or number; list them with 'berth resource-list'`;
  throw new BerthError('NO_SUCH_RESOURCE', message, { resource: { type: 'resource', name } });
}

/**
 * What the commands of a resource wrote, the oldest run first; what runs at the same time comes one run after the other. Ends when
 * the signal aborts.
 */
export async function* readLog(
  context: LogContext,
  resource: Resource,
  query: LogQuery,
): AsyncGenerator<LogPiece, void, undefined> {
  const { follow, signal } = query;
  const prefix = runPrefix(resource.number);
  let after = prefix;
  while (!signal.aborted) {
    // Before the runs: none begins after the end.
    const over = !follow || (await liveRow(context, resource)) === undefined;
    const where = { id: { after, until: `${prefix}${LAST}` } };
    for await (const page of pages(context.logs.runs, { where, limit: PAGE })) {
      for (const { value: run } of page) {
        after = run.id;
        if (query.hooks.length === 0 || query.hooks.includes(run.hook)) yield* readRun(context, resource, run, query);
      }
    }
    if (over) return;
    await pause(context.clock, LOOK_MS, signal);
  }
}

/** What a run wrote; with `follow` until its end. */
async function* readRun(
  context: LogContext,
  resource: Resource,
  first: Run,
  { follow, signal }: LogQuery,
): AsyncGenerator<LogPiece, void, undefined> {
  const { logs, clock } = context;
  yield { run: first };
  let [after, endOffset] = [partId(first.id, 0).slice(0, -1), 0];
  let goneMs: number | undefined;
  while (!signal.aborted) {
    const runs = await isRunning(context, resource, first);
    const run = (await logs.runs.get(first.id))?.value;
    for await (const page of pages(logs.parts, {
      where: { id: { after, until: `${first.id}/${LAST}` } },
      limit: PAGE,
    })) {
      for (const { value } of page) {
        after = value.id;
        const bytes = Buffer.from(value.data, 'base64');
        yield { bytes, leftOut: value.offset > endOffset };
        endOffset = value.offset + bytes.length;
      }
    }
    goneMs = runs ? undefined : (goneMs ?? clock.monotonic());
    const isLost = goneMs !== undefined && clock.monotonic() - goneMs > END_MS;
    if (run?.endMs !== undefined) yield { run };
    if (!follow || run === undefined || run.endMs !== undefined || isLost) return;
    await pause(clock, LOOK_MS, signal);
  }
}

/** Whether the row says that this run is under way. */
async function isRunning(context: LogContext, resource: Resource, { hook, attempt }: Run): Promise<boolean> {
  const row = await liveRow(context, resource);
  return [row?.running, row?.checking].some((one) => one?.hook === hook && one.attempt === attempt);
}

async function liveRow({ resources }: LogContext, { id }: Resource): Promise<Resource | undefined> {
  const row = (await resources.get(id))?.value;
  return row !== undefined && isLive(row) ? row : undefined;
}
