import { ErrorInfo } from '@berth/proto/google/rpc/error_details';
import { Status as StatusProto } from '@berth/proto/google/rpc/status';
import { type Berthd, closedAfter, type Http2Proxy, startBerthd, startHttp2Proxy, until } from '@berth/testkit';
import test, { type ExecutionContext } from 'ava';
import { Status } from 'nice-grpc-common';
import { type Berth, connect } from './connect.js';
import type { LeaseHandle, LeaseLostError } from './index.js';

let berthd: Berthd;
test.before(async () => {
  berthd = await startBerthd({
    inventory:
      'pool: { name: benches, resources: { held: {}, busy: {}, busy2: {}, busy3: {}, drained: {}, kept: {} } }',
  });
});
test.after.always(async () => {
  await berthd.stop();
});

function client(t: ExecutionContext, user: string, address = berthd.address): Berth {
  return closedAfter(t, connect({ address, user }));
}

async function untilFree(berth: Berth, bench: string): Promise<void> {
  await until(async () => (await berth.lease.listLeases({ bench })).leases.length === 0, {
    what: `${bench} to be free`,
  });
}

async function proxyFor(t: ExecutionContext): Promise<Http2Proxy> {
  const proxy = await startHttp2Proxy(berthd.port);
  t.teardown(() => proxy.stop());
  return proxy;
}

/** What a client has open through a proxy: a watch, a wait, and a lease with a grace. */
class OpenStreams {
  reconnects = { watch: 0, wait: 0, hold: 0 };
  readonly ended: Partial<Record<'watch' | 'wait' | 'hold', unknown>> = {};
  readonly stop = new AbortController();
  /** The benches that the watch told, in order. */
  readonly told: string[] = [];
  lease: LeaseHandle | undefined;
  #watched = false;
  #queued = false;

  constructor(
    readonly berth: Berth,
    private readonly proxy: Http2Proxy,
    private readonly busy: string,
  ) {}

  async open(): Promise<this> {
    const count = (what: 'watch' | 'wait' | 'hold') => (): void => {
      this.reconnects[what]++;
    };
    const grace = { reconnectGrace: '60s' };
    this.lease = await this.berth.acquire({ bench: 'held', ...grace, onReconnecting: count('hold') });
    this.lease.signal.addEventListener('abort', () => {
      this.ended.hold = this.lease?.signal.reason as unknown;
    });
    const { signal } = this.stop;
    const onQueued = (): void => void (this.#queued = true);
    this.berth.acquire({ bench: this.busy, ...grace, signal, onQueued, onReconnecting: count('wait') }).then(
      (lease) => lease.release(),
      (error: unknown) => (this.ended.wait = error),
    );
    this.#watch(count('watch')).catch((error: unknown) => (this.ended.watch = error));
    await until(() => this.#watched && this.#queued, { what: 'a watch and a wait' });
    return this;
  }

  /** Breaks all three, and waits until they are back and the watch tells what happens then. */
  async break(how: () => void): Promise<void> {
    const before = { ...this.reconnects };
    how();
    const isBack = ([what, count]: [string, number]): boolean => count > before[what as 'watch'];
    await until(() => Object.entries(this.reconnects).every(isBack) && this.proxy.streams === 3, {
      what: `all to be back: ${JSON.stringify([before, this.reconnects, this.ended])}`,
    });
    const name = `made-${String(this.reconnects.watch)}`;
    await this.berth.inventory.createBench({ bench: { name } });
    await until(() => this.told.includes(name), { what: `the watch to tell ${name}` });
  }

  async #watch(onReconnecting: () => void): Promise<void> {
    for await (const { changes } of this.berth.watch({ signal: this.stop.signal, onReconnecting })) {
      this.#watched = true;
      for (const { kind } of changes) if (kind?.$case === 'benchPut') this.told.push(kind.value.name);
    }
  }
}

/** The trailers of a status; with the details that a Berth server sends, or bare. */
function trailersOf(code: number, described: boolean): Record<string, string> {
  const value = ErrorInfo.encode(ErrorInfo.fromPartial({ reason: 'A_REASON', domain: 'berth.dev' })).finish();
  const details = [{ typeUrl: 'type.googleapis.com/google.rpc.ErrorInfo', value: Buffer.from(value) }];
  const bytes = Buffer.from(StatusProto.encode({ code, message: 'made up', details }).finish());
  const bare = { 'grpc-status': String(code), 'grpc-message': 'made up' };
  return described ? { ...bare, 'grpc-status-details-bin': bytes.toString('base64') } : bare;
}

const FINAL: readonly Status[] = [
  Status.INVALID_ARGUMENT,
  Status.UNIMPLEMENTED,
  Status.UNAUTHENTICATED,
  Status.PERMISSION_DENIED,
];
const STATUSES = Object.values(Status).filter((code): code is Status => typeof code === 'number' && code !== Status.OK);
const CASES = STATUSES.flatMap((code) => [true, false].map((described) => ({ code, described })));

function isPassing({ code, described }: { code: Status; described: boolean }): boolean {
  return code === Status.UNAVAILABLE || (!described && !FINAL.includes(code));
}

test.serial('a watch, a wait and a hold go on after each break that carries no details of a server', async (t) => {
  const proxy = await proxyFor(t);
  const busy = await client(t, 'tony').acquire({ bench: 'busy' });
  const streams = await new OpenStreams(client(t, 'bob', proxy.address), proxy, 'busy').open();
  for (const each of CASES.filter(isPassing)) {
    await streams.break(() => {
      proxy.end(trailersOf(each.code, each.described));
    });
    proxy.refuse(1, trailersOf(each.code, each.described));
    await t.notThrowsAsync(streams.berth.lease.listLeases({}), JSON.stringify(each));
  }
  // INADEQUATE_SECURITY (12) is PERMISSION_DENIED to a client.
  for (const code of [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13]) {
    await streams.break(() => {
      proxy.reset(code);
    });
  }
  await streams.break(() => {
    proxy.end(undefined);
  });
  await streams.break(() => {
    proxy.cut();
  });
  t.deepEqual(streams.ended, {});
  t.is(new Set(streams.told).size, streams.told.length, 'the watch tells nothing twice');
  t.false(streams.lease?.signal.aborted);
  await busy.release();
  streams.stop.abort();
  await streams.lease?.release();
});

test.serial('a watch that was told a snapshot, and nothing since, goes on from it', async (t) => {
  const proxy = await proxyFor(t);
  const berth = client(t, 'bob', proxy.address);
  const stop = new AbortController();
  const told: string[] = [];
  const watching = (async () => {
    for await (const { changes } of berth.watch({ signal: stop.signal }))
      for (const { kind } of changes) if (kind?.$case === 'benchPut') told.push(kind.value.name);
  })();
  await until(() => told.includes('kept'), { what: 'the snapshot' });
  proxy.cut();
  await until(() => proxy.streams === 1, { what: 'the watch to be back' });
  await berth.inventory.createBench({ bench: { name: 'made-later' } });
  await until(() => told.includes('made-later'), { what: 'the watch to go on' });
  t.is(new Set(told).size, told.length, 'nothing is told twice');
  stop.abort();
  await watching;
});

test.serial('a watch, a wait and a hold end with what a server says, and with what no repetition mends', async (t) => {
  const proxy = await proxyFor(t);
  const tony = client(t, 'tony');
  const busy = await tony.acquire({ bench: 'busy2' });
  const berth = client(t, 'bob', proxy.address);
  const ends = CASES.filter((each) => !isPassing(each)).map(({ code, described }) => {
    const how = (): void => {
      proxy.end(trailersOf(code, described));
    };
    return { code, described, how };
  });
  const reset = (): void => {
    proxy.reset(12);
  };
  ends.push({ code: Status.PERMISSION_DENIED, described: false, how: reset });
  for (const { code, described, how } of ends) {
    const streams = await new OpenStreams(berth, proxy, 'busy2').open();
    how();
    await until(() => Object.keys(streams.ended).length === 3, { what: `status ${String(code)} to end all three` });
    t.deepEqual(streams.reconnects, { watch: 0, wait: 0, hold: 0 }, String(code));
    t.is((streams.ended.hold as LeaseLostError).reason, 'LEASE_LOST');
    for (const what of ['watch', 'wait'] as const) t.like(streams.ended[what], { code, described });
    await untilFree(tony, 'held');
    proxy.refuse(1, trailersOf(code, described));
    t.like(await t.throwsAsync(berth.lease.listLeases({})), { code, described });
  }
  await busy.release();
});

test.serial(
  'a proxy that reloads costs nothing: lease and place move to a new connection, with a grace of 0',
  async (t) => {
    const proxy = await proxyFor(t);
    const tony = client(t, 'tony');
    const busy = await tony.acquire({ bench: 'busy3' });
    const bob = client(t, 'bob', proxy.address);
    let reconnects = 0;
    const onReconnecting = (): void => {
      reconnects++;
    };
    const lease = await bob.acquire({ bench: 'drained', onReconnecting });
    const waiting = bob.acquire({ bench: 'busy3', onReconnecting });
    const place = async () => (await tony.lease.listQueue({ bench: 'busy3' })).requests[0];
    const before = await until(place, { what: 'a place in the queue' });
    for (let reloads = 1; reloads <= 3; reloads++) {
      proxy.drain();
      // The server ends the old streams when it has the new ones, and the proxy the connection without streams.
      await until(() => proxy.accepted === reloads + 1 && proxy.connections === 1 && proxy.streams === 2, {
        what: 'both streams to move',
      });
    }
    t.false(lease.signal.aborted);
    t.is(reconnects, 0);
    t.is(proxy.resets, 0);
    t.true((await tony.lease.checkToken({ bench: 'drained', fencingToken: lease.fencingToken })).current);
    t.like(await place(), { requestId: before.requestId, detached: false });
    await busy.release();
    await (await waiting).release();
    await lease.release();
  },
);

test.serial('what is lost to a break is released, also when a proxy keeps its half of the connection', async (t) => {
  const proxy = await proxyFor(t);
  const lease = await client(t, 'bob', proxy.address).acquire({ bench: 'kept' });
  proxy.cut();
  await until(() => lease.signal.aborted, { what: 'the loss' });
  t.is((lease.signal.reason as LeaseLostError).why, 'CONNECTION_LOST');
  await untilFree(client(t, 'tony'), 'kept');
});
