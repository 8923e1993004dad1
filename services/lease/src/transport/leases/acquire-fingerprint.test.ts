import { AcquireRequest } from '@berth/proto/berth/lease/v1/lease_service';
import { HoldMode } from '@berth/proto/berth/lease/v1/lease';
import { fingerprint } from '@berth/server';
import test from 'ava';
import fc from 'fast-check';
import { acquireFingerprint } from './acquire-fingerprint.js';

const labels = fc.dictionary(fc.string(), fc.string(), { maxKeys: 3 });
const requests = fc.record({
  lab: fc.string(),
  requestId: fc.string(),
  description: fc.string(),
  priority: fc.option(fc.nat({ max: 100 }), { nil: undefined }),
  hold: fc.constantFrom(HoldMode.CONNECTION, HoldMode.TTL),
  ttl: fc.option(fc.record({ seconds: fc.nat(), nanos: fc.constant(0) }), { nil: undefined }),
  labels,
  requirements: fc.array(fc.record({ attributes: fc.array(fc.string()), labels }), { maxLength: 3 }),
});

test('the hash of an Acquire without stated defaults is the one that every other method has', (t) => {
  fc.assert(
    fc.property(requests, fc.string(), (partial, owner) => {
      const message = AcquireRequest.fromPartial(partial);
      const normal = {
        ...message,
        priority: message.priority === 50 ? undefined : message.priority,
        hold: message.hold === HoldMode.CONNECTION ? HoldMode.UNSPECIFIED : message.hold,
      };
      const [hash] = acquireFingerprint(owner, message).split('.');
      t.is(hash, fingerprint('Acquire', owner, AcquireRequest, normal));
    }),
  );
});

test('defaults that are stated count as nothing', (t) => {
  const of = (partial: Parameters<typeof AcquireRequest.fromPartial>[0]): string =>
    acquireFingerprint('me', AcquireRequest.fromPartial(partial));
  const plain = of({ requirements: [{ bench: 'b' }, { bench: 'c', count: 2 }] });
  const stated = { priority: 50, hold: HoldMode.CONNECTION, reconnectGrace: { seconds: 0, nanos: 0 } };
  const requirements = [
    { bench: 'b', count: 1 },
    { bench: 'c', count: 2 },
  ];
  t.is(of({ requirements, ...stated }), plain);
  t.is(of({ requirements, tellOnce: true }), plain, 'how it is told is no part of what is asked for');
  t.not(of({ requirements, ...stated, priority: 51 }), plain);
  t.not(of({ requirements, ...stated, reconnectGrace: { seconds: 0, nanos: 1 } }), plain);
});

test('the order in which a client writes labels makes no difference, their values do', (t) => {
  const of = (texts: Record<string, string>): string =>
    acquireFingerprint('me', AcquireRequest.fromPartial({ labels: texts }));
  t.is(of({ a: '1', b: '2' }), of({ b: '2', a: '1' }));
  t.not(of({ a: '1' }), of({ a: '2' }));
});
