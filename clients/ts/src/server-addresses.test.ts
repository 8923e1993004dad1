import test from 'ava';
import { openChannel } from './channel.js';
import { parseAddresses } from './server-addresses.js';

test('addresses are read one by one, and a scheme holds for all', (t) => {
  t.deepEqual(parseAddresses('lab:7070'), { targets: ['lab:7070'], secure: undefined });
  t.deepEqual(parseAddresses('https://lab:7070/'), { targets: ['lab:7070'], secure: true });
  t.deepEqual(parseAddresses('http://a:1, b:2'), { targets: ['a:1', 'b:2'], secure: false });
  t.deepEqual(parseAddresses('a:1,https://b:2,[::1]:3'), { targets: ['a:1', 'b:2', '[::1]:3'], secure: true });
  t.deepEqual(parseAddresses('unix:/run/a,unix:/run/b'), {
    targets: ['unix:/run/a', 'unix:/run/b'],
    secure: undefined,
  });
});

test('what cannot be used is refused before anything is sent', (t) => {
  for (const text of ['', 'a:1,', ',a:1', 'a:1,,b:2'])
    t.throws(() => parseAddresses(text), { instanceOf: TypeError, message: /has an empty part/ }, text);
  t.throws(() => parseAddresses('http://a:1,https://b:2'), { instanceOf: TypeError, message: /http and https/ });
  for (const [tls, fault] of [
    [true, /TLS is asked for, and the address says http/],
    [{ ca: 'x' }, /TLS is asked for/],
  ] as const)
    t.throws(() => openChannel('http://a:1', tls), { instanceOf: TypeError, message: fault });
  t.throws(() => openChannel('a:1', { cert: 'x' }), { instanceOf: TypeError, message: /key is missing/ });
  t.throws(() => openChannel('a:1', { key: 'x' }), { instanceOf: TypeError, message: /cert is missing/ });
  for (const tls of [{ cert: 'x', key: 'y' }, { ca: 'x' }, { ca: '' }])
    t.throws(() => openChannel('a:1', tls), { instanceOf: TypeError, message: /cannot be used: / });
});
