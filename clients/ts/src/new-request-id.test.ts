import test from 'ava';
import { newRequestId } from './new-request-id.js';

test('a request id is a UUID of version 7 that begins with the time', (t) => {
  const before = Date.now();
  const id = newRequestId();
  t.regex(id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  const time = Number.parseInt(id.replace('-', '').slice(0, 12), 16);
  t.true(time >= before && time <= Date.now());
  t.is(new Set(Array.from({ length: 1000 }, newRequestId)).size, 1000);
});
