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

test('the fingerprint of an Acquire is the one that every other method has', (t) => {
  fc.assert(
    fc.property(requests, fc.string(), (partial, owner) => {
      const message = AcquireRequest.fromPartial(partial);
      t.is(acquireFingerprint(owner, message), fingerprint('Acquire', owner, AcquireRequest, message));
    }),
  );
});

test('the order in which a client writes labels makes no difference, their values do', (t) => {
  const of = (texts: Record<string, string>): string =>
    acquireFingerprint('me', AcquireRequest.fromPartial({ labels: texts }));
  t.is(of({ a: '1', b: '2' }), of({ b: '2', a: '1' }));
  t.not(of({ a: '1' }), of({ a: '2' }));
});
