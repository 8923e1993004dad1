import type { Clock, Logger } from '@berth/kernel';
import { systemClock } from '@berth/kernel';
import type { EventLogStore } from '@berth/storage';
import { inProcessLocks, openSqliteEventLogStore } from '@berth/storage';
import type { BenchSpec, EndReason, Lease, QueuedView, RequestSpec } from '../domain/index.js';
import { assertSameRequest } from '../domain/index.js';
import type { HistorySink } from '../ports/history-sink.js';
import { msgpackCodec } from '../store/msgpack-codec.js';
import type { AcquireSink, CallEnd } from './acquire-sink.js';
import type { Command } from './command.js';
import type { LabDeps, LabSettings } from './open-lab.js';
import { OpenLab } from './open-lab.js';

/** For tests of the app: a bench with attributes. */
export function bench(name: string, ...attributes: string[]): BenchSpec {
  return {
    name,
    location: '',
    attributes: attributes.map((attribute) => ({ name: attribute, weight: 0 })),
    entities: {},
    properties: {},
    labels: {},
    affinity: '',
  };
}

/** For tests of the app: a request for one bench with this attribute. */
export function request(id: string, attribute: string, more: Partial<RequestSpec> = {}): RequestSpec {
  return {
    requestId: id,
    named: true,
    fingerprint: 'fp',
    owner: id,
    description: '',
    requirements: [{ bench: '', location: '', attributes: [attribute], entities: [], pool: '', labels: {} }],
    priority: 50,
    hold: 'CONNECTION',
    graceMs: 0,
    affinity: '',
    labels: {},
    allowMaintenance: false,
    ...more,
  };
}

/** For tests of the app: a command with a request id, whose answer is kept. */
export function named<A>(requestId: string, fingerprint: string, plan: Command<A>['plan']): Command<A> {
  return {
    requestId,
    fingerprint,
    plan,
    form: { encode: (answer) => JSON.stringify(answer), revise: (answer) => answer },
    again: (kept) => {
      assertSameRequest(requestId, fingerprint, kept.fingerprint, () => undefined);
      return JSON.parse(kept.message.split(' ')[1] ?? '') as A;
    },
  };
}

/** A caller's stream that a test reads and hangs up. */
export class TestStream implements AcquireSink, CallEnd {
  readonly views: QueuedView[] = [];
  readonly positions: number[] = [];
  lease: Lease | undefined;
  remainingMs: number | undefined;
  endedBy: EndReason | undefined;
  heartbeats = 0;
  readonly warnings: string[] = [];
  readonly warned: { kind: string; remainingMs: number | undefined; message: string }[] = [];
  congested = false;
  over = false;
  #listener: (() => void) | undefined;

  queued(view: QueuedView): void {
    this.views.push(view);
    this.positions.push(view.position);
  }

  granted(lease: Lease, remainingMs: number | undefined): void {
    this.lease = lease;
    this.remainingMs = remainingMs;
  }

  heartbeat(): void {
    this.heartbeats++;
  }

  warning(kind: string, remainingMs: number | undefined, message: string): void {
    this.warnings.push(kind);
    this.warned.push({ kind, remainingMs, message });
  }

  ended(_leaseId: string, reason: EndReason): void {
    this.endedBy = reason;
  }

  onOver(listener: () => void): void {
    if (this.over) listener();
    else this.#listener = listener;
  }

  hangUp(): void {
    this.over = true;
    this.#listener?.();
  }
}

const SETTINGS: LabSettings = {
  rules: {
    priorityPointMs: 60_000,
    backfill: false,
    waiterGraceMs: 15_000,
    keepBackMs: 20_000,
    keepAnswersMs: 86_400_000,
    bookingNoticeMs: 1_000,
    openEndedMs: 1_000,
  },
  sessionTtlMs: 15_000,
  snapshotEveryEntries: 100,
  logKeepMs: 0,
  historyBounds: { bytes: 1 << 30, ageMs: 604_800_000 },
  warnBeforeMs: [600_000, 60_000],
};

function nothing(): void {
  return undefined;
}
const SILENT: Logger = { info: nothing, warn: nothing, error: nothing };

export interface LabOptions {
  readonly name?: string;
  readonly store?: EventLogStore;
  readonly clock?: Clock;
  readonly settings?: Partial<LabSettings>;
  readonly benches?: readonly BenchSpec[];
  readonly sink?: HistorySink;
  readonly logger?: Logger;
  /** Fills the empty lab; default: with the benches. */
  readonly seed?: LabDeps['seed'];
}

/** For tests of the app: a lab on a store of its own (in memory unless given), with these benches. */
export async function openTestLab({
  name = 'default',
  store,
  clock = systemClock(),
  settings,
  benches = [],
  sink,
  logger = SILENT,
  seed = (empty) => putBenches(empty, benches),
}: LabOptions = {}): Promise<{
  lab: OpenLab;
  store: EventLogStore;
  close: () => Promise<void>;
}> {
  const used = store ?? (await openSqliteEventLogStore({ dir: ':memory:', clock }));
  const lab = new OpenLab({
    name,
    log: await used.open(name),
    shared: used.shared,
    codec: msgpackCodec,
    clock,
    logger,
    failpoint: nothing,
    settings: { ...SETTINGS, ...settings },
    history: sink && { sink, locks: inProcessLocks() },
    seed,
  });
  await lab.open();
  return {
    lab,
    store: used,
    close: async () => {
      await lab.close();
      if (store === undefined) await used.close();
    },
  };
}

export async function putBenches(lab: Pick<OpenLab, 'run'>, benches: readonly BenchSpec[]): Promise<void> {
  for (const spec of benches) {
    await lab.run({
      requestId: '',
      fingerprint: '',
      plan: (draft) => {
        draft.emit({ type: 'BenchPut', spec, origin: 'inventory', atMs: draft.now });
        draft.schedule();
      },
    });
  }
}
