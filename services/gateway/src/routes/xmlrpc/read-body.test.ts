import test from 'ava';
import { Readable } from 'node:stream';
import { FAULT, XmlRpcFault } from './fault.js';
import { LARGEST_CALL_BYTES, readBody } from './read-body.js';

/** A body of parts, that counts how many were taken. */
function bodyOf(parts: number, partBytes: number) {
  const seen = { taken: 0 };
  const chunks = function* () {
    for (; seen.taken < parts; seen.taken += 1) yield Buffer.alloc(partBytes, 'x');
  };
  return { body: Readable.from(chunks(), { objectMode: false }), seen };
}

test('a body is read up to its limit', async (t) => {
  const { body } = bodyOf(16, LARGEST_CALL_BYTES / 16);
  t.is((await readBody(body)).length, LARGEST_CALL_BYTES);
});

test('one that is too large is taken to its end and refused; one without end is cut', async (t) => {
  const large = bodyOf(20, 1 << 20);
  const fault = await t.throwsAsync(readBody(large.body), { instanceOf: XmlRpcFault });
  t.is(fault.code, FAULT.NOT_A_CALL);
  t.regex(fault.message, /at most 128 KiB/);
  t.is(large.seen.taken, 20);
  const endless = bodyOf(Infinity, 1 << 20);
  await t.throwsAsync(readBody(endless.body), { instanceOf: XmlRpcFault });
  t.true(endless.body.destroyed);
  t.true(endless.seen.taken < 100);
});
