import { WatchRequest, WatchResponse } from '@berth/proto/berth/lease/v1/lease_service';
import type { CallContext, ResponseStream } from '@berth/server';
import { BerthError } from '@berth/kernel';
import { preEncode, PreEncoded } from '@berth/server';
import { fakeClock } from '@berth/testkit';
import test from 'ava';
import { bench, openTestLab } from '../app/lab.fixture.js';
import { planCreateBench } from '../domain/index.js';
import { watchLab } from './watch.js';

/** A stream whose messages a test reads. */
class TestOut implements ResponseStream<WatchResponse> {
  readonly sent: WatchResponse[] = [];
  /** The bytes of those that were encoded before. */
  readonly encoded: PreEncoded[] = [];
  pending = 0;
  readonly writable = true;
  #wake: (() => void) | undefined;

  write(message: WatchResponse | PreEncoded): Promise<boolean> {
    if (message instanceof PreEncoded) this.encoded.push(message);
    this.sent.push(message instanceof PreEncoded ? WatchResponse.decode(message.bytes) : message);
    this.#wake?.();
    return Promise.resolve(true);
  }

  idle(): Promise<boolean> {
    return Promise.resolve(true);
  }

  encode(message: WatchResponse): PreEncoded {
    return preEncode(WatchResponse, message);
  }

  async count(messages: number): Promise<void> {
    while (this.sent.length < messages) await new Promise<void>((resolve) => (this.#wake = resolve));
  }
}

function callOf(end: AbortController): CallContext {
  const { signal } = end;
  const call: Pick<CallContext, 'signal' | 'shutdown'> = { signal, shutdown: new AbortController().signal };
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

test('a revision from before the server started is not kept: list, then watch again', async (t) => {
  const first = await openTestLab({ benches: [bench('b1', 'a')] });
  await first.lab.close();
  const second = await openTestLab({ store: first.store });
  t.teardown(async () => {
    await second.close();
    await first.store.close();
  });
  const watching = watchLab(
    second.lab,
    { lab: '', fromRevision: 1 },
    callOf(new AbortController()),
    new TestOut(),
    fakeClock(),
  );
  const error = await t.throwsAsync(watching, { instanceOf: BerthError });
  t.is(error.reason, 'REVISION_TRIMMED');
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
