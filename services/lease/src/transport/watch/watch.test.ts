import { WatchRequest, WatchResponse } from '@berth/proto/berth/lease/v1/lease_service';
import type { CallContext, ResponseStream } from '@berth/server';
import { BerthError } from '@berth/kernel';
import { preEncode, PreEncoded } from '@berth/server';
import { fakeClock } from '@berth/testkit';
import test from 'ava';
import { bench, openTestLab } from '../../app/lab.fixture.js';
import type { BenchSpec } from '../../domain/index.js';
import { planCreateBench } from '../../domain/index.js';
import { watchLab } from './watch.js';

/** A stream whose messages a test reads. */
class TestOut implements ResponseStream<WatchResponse> {
  readonly sent: WatchResponse[] = [];
  /** The bytes of those that were encoded before. */
  readonly encoded: PreEncoded[] = [];
  pending = 0;
  writable = true;
  /** What `idle` gives. */
  flowing = Promise.resolve(true);
  #wake: (() => void) | undefined;

  write(message: WatchResponse | PreEncoded): Promise<boolean> {
    if (message instanceof PreEncoded) this.encoded.push(message);
    this.sent.push(message instanceof PreEncoded ? WatchResponse.decode(message.bytes) : message);
    this.#wake?.();
    return Promise.resolve(true);
  }

  idle(): Promise<boolean> {
    return this.flowing;
  }

  encode(message: WatchResponse): PreEncoded {
    return preEncode(WatchResponse, message);
  }

  async count(messages: number): Promise<void> {
    while (this.sent.length < messages) await new Promise<void>((resolve) => (this.#wake = resolve));
  }
}

function callOf(end: AbortController, shutdown = new AbortController()): CallContext {
  const call: Pick<CallContext, 'onOver' | 'shutdown'> = {
    shutdown: shutdown.signal,
    onOver: (listener) => {
      if (end.signal.aborted) listener();
      else end.signal.addEventListener('abort', listener);
    },
  };
  return call as CallContext;
}

test('a silent watch gives a sign of life within 10 s, from which one can resume', async (t) => {
  const { lab, close } = await openTestLab({ benches: [bench('b1', 'a')] });
  t.teardown(close);
  const clock = fakeClock();
  const end = new AbortController();
  const out = new TestOut();
  const done = watchLab(lab, WatchRequest.create(), callOf(end), out, clock);
  await out.count(1);
  await new Promise(setImmediate);
  const { revision } = lab.state;
  clock.advance(8999);
  t.is(out.sent.length, 1);
  clock.advance(1000);
  t.deepEqual(out.sent.slice(1), [WatchResponse.fromPartial({ revision })]);
  out.pending = 1;
  clock.advance(30_000);
  t.is(out.sent.length, 2, 'a reader that does not read is not sent more of them');
  out.pending = 0;
  clock.advance(1000);
  t.is(out.sent.length, 3);
  end.abort();
  await done;
  clock.advance(60_000);
  t.is(out.sent.length, 3);
});

test('a revision that is not kept is refused: list, then watch again', async (t) => {
  const { lab, close } = await openTestLab({ benches: [bench('b1', 'a')] });
  t.teardown(close);
  const request = { lab: '', fromRevision: 1 };
  const watching = watchLab(lab, request, callOf(new AbortController()), new TestOut(), fakeClock());
  const error = await t.throwsAsync(watching, { instanceOf: BerthError });
  t.is(error.reason, 'REVISION_TRIMMED');
});

test('a reader that takes nothing for a while gets all changes afterwards, in order', async (t) => {
  const { lab, close } = await openTestLab({ benches: [bench('b1', 'a')] });
  t.teardown(close);
  const end = new AbortController();
  const out = new TestOut();
  let flow!: () => void;
  out.flowing = new Promise((resolve) => {
    flow = () => {
      out.writable = true;
      resolve(true);
    };
  });
  out.writable = false;
  const done = watchLab(lab, { lab: '', fromRevision: lab.state.revision }, callOf(end), out, fakeClock());
  for (const name of ['b2', 'b3', 'b4']) {
    await lab.run({
      requestId: '',
      fingerprint: '',
      plan: (draft) => planCreateBench(draft, bench(name), 'inventory'),
    });
    await new Promise(setImmediate);
  }
  t.is(out.sent.length, 0);
  flow();
  await out.count(3);
  const names = out.sent.flatMap(({ changes }) =>
    changes.map(({ kind }) => (kind?.$case === 'benchPut' ? kind.value.name : '')),
  );
  t.deepEqual(names, ['b2', 'b3', 'b4']);
  end.abort();
  await done;
});

test('a watch ends when its caller goes while nothing is taken, and with the reason when the server stops', async (t) => {
  const { lab, close } = await openTestLab({ benches: [bench('b1', 'a')] });
  t.teardown(close);
  const stop = new AbortController();
  const fromRevision = lab.state.revision;
  const stopped = watchLab(
    lab,
    { lab: '', fromRevision },
    callOf(new AbortController(), stop),
    new TestOut(),
    fakeClock(),
  );
  const gone = new TestOut();
  gone.writable = false;
  gone.flowing = Promise.resolve(false);
  await watchLab(lab, { lab: '', fromRevision }, callOf(new AbortController()), gone, fakeClock());
  t.is(gone.sent.length, 0);
  stop.abort(new BerthError('SHUTTING_DOWN', 'the server stops.'));
  await t.throwsAsync(stopped, { message: 'the server stops.' });
});

test('a change is encoded once for all its watchers', async (t) => {
  const { lab, close } = await openTestLab({ benches: [bench('b1', 'a')] });
  t.teardown(close);
  const end = new AbortController();
  const outs = [new TestOut(), new TestOut()];
  const fromRevision = lab.state.revision;
  const done = outs.map((out) => watchLab(lab, { lab: '', fromRevision }, callOf(end), out, fakeClock()));
  await lab.run({ requestId: '', fingerprint: '', plan: (draft) => planCreateBench(draft, bench('b2'), 'inventory') });
  await Promise.all(outs.map((out) => out.count(1)));
  const [one, two] = outs.map((out) => out.encoded[0]);
  t.truthy(one);
  t.is(one, two);
  end.abort();
  await Promise.all(done);
});

test('a large lab comes in several messages of a snapshot', async (t) => {
  const benches = Array.from({ length: 450 }, (_, i) => bench(`b${String(i)}`));
  const { lab, close } = await openTestLab({ benches });
  t.teardown(close);
  const end = new AbortController();
  const out = new TestOut();
  const done = watchLab(lab, WatchRequest.create(), callOf(end), out, fakeClock());
  await out.count(3);
  t.deepEqual(
    out.sent.map(({ changes, snapshot }) => [changes.length, snapshot]),
    [
      [200, true],
      [200, true],
      [50, true],
    ],
  );
  end.abort();
  await done;
});

test('a snapshot and a large commit come in messages of at most 2 MiB, and a watch goes on from any of them without a gap', async (t) => {
  const large = (name: string): BenchSpec => ({ ...bench(name), location: name.repeat(50_000) });
  const names = (first: string): string[] => Array.from({ length: 40 }, (_, i) => `${first}${String(i + 10)}`);
  const { lab, close } = await openTestLab({ benches: names('b').map(large) });
  t.teardown(close);
  const end = new AbortController();
  const watch = (fromRevision: number): TestOut => {
    const out = new TestOut();
    void watchLab(lab, { lab: '', fromRevision }, callOf(end), out, fakeClock());
    return out;
  };
  const told = ({ sent }: TestOut): string[] =>
    sent.flatMap(({ changes }) => changes.map(({ kind }) => (kind?.$case === 'benchPut' ? kind.value.name : '')));
  const { revision: before } = lab.state;
  const out = watch(0);
  await out.count(3);
  const snapshot = [...out.sent];
  t.deepEqual(told(out).sort(), names('b'));
  t.true(out.encoded.every(({ bytes }) => bytes.length <= 2 << 20));
  t.deepEqual(
    snapshot.map(({ revision, more }) => [revision, more]),
    snapshot.map((_, i) => (i < snapshot.length - 1 ? [0, true] : [before, false])),
  );
  await lab.run({
    requestId: '',
    fingerprint: '',
    plan: (draft) => {
      for (const name of names('c')) planCreateBench(draft, large(name), 'inventory');
      return { data: '', answer: () => undefined };
    },
  });
  await out.count(snapshot.length + 3);
  const parts = out.sent.slice(snapshot.length);
  t.true(out.encoded.every(({ bytes }) => bytes.length <= 2 << 20));
  t.deepEqual(
    parts.map(({ revision, more }) => [revision, more]),
    parts.map((_, i) => (i < parts.length - 1 ? [before, true] : [lab.state.revision, false])),
  );
  const [first] = parts;
  const resumed = watch(first?.revision ?? 0);
  await resumed.count(parts.length);
  t.deepEqual(told(resumed).sort(), names('c'));
  end.abort();
});
