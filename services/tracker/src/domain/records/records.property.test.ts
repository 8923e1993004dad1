import { isIP, isIPv6 } from 'node:net';
import test from 'ava';
import fc from 'fast-check';
import {
  addressKey,
  addressOfKey,
  checkFilter,
  checkUpdatedFields,
  checkValue,
  fieldNamed,
  formatAddress,
  formatAddressRange,
  freeAddresses,
  BUILT_IN_KINDS,
  isInRange,
  orderKey,
  parseAddress,
  parseAddressRange,
  passes,
  sizeOf,
  usableRange,
} from './index.js';
import type { FieldValue, Kind } from './index.js';

const ipv4 = fc.bigInt({ min: 0n, max: 2n ** 32n - 1n }).map((value) => ({ family: 4 as const, value }));
/** Groups are often zero, since that is what the short form is about. */
const ipv6 = fc
  .array(fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 0xffff })), { minLength: 8, maxLength: 8 })
  .map((groups) => ({ family: 6 as const, value: groups.reduce((sum, group) => (sum << 16n) | BigInt(group), 0n) }));
const address = fc.oneof(ipv4, ipv6);

function byCodePoint(a: string, b: string): number {
  return Math.sign(Buffer.compare(Buffer.from(a), Buffer.from(b)));
}

function machines(): Kind {
  return BUILT_IN_KINDS.find(({ name }) => name === 'machines')!;
}

test('an address survives being written and read, and Node.js agrees with its form', (t) => {
  fc.assert(
    fc.property(address, (one) => {
      const text = formatAddress(one);
      t.deepEqual(parseAddress(text), one, text);
      t.is(isIP(text), one.family);
      // What URLs show is RFC 5952 too, but without an IPv4 address in it.
      if (one.family === 6 && !text.includes('.')) t.is(new URL(`http://[${text}]`).hostname, `[${text}]`);
    }),
  );
});

test('what is read as an IPv6 address is what Node.js takes for one', (t) => {
  const part = fc.oneof(
    fc.constantFrom('', '0', 'ffff', '12345', 'g', '1.2.3.4', '01.2.3.4'),
    fc.stringMatching(/^[0-9a-fA-F]{1,4}$/),
  );
  fc.assert(
    fc.property(fc.array(part, { minLength: 3, maxLength: 9 }), (parts) => {
      const text = parts.join(':');
      t.is(parseAddress(text) !== undefined, isIPv6(text), text);
    }),
    { numRuns: 2000 },
  );
});

test('IPv4 addresses with leading zeros, missing or large octets are none', (t) => {
  for (const text of [
    '1.2.3',
    '1.2.3.04',
    '1.2.3.256',
    '1.2.3.4.5',
    '',
    ' 1.2.3.4',
    '0x1.2.3.4',
    '::1%eth0',
    ':::',
    '1::2::3',
  ]) {
    t.is(parseAddress(text), undefined, text);
  }
});

test('keys are ordered as addresses are, and give them back', (t) => {
  fc.assert(
    fc.property(address, address, (a, b) => {
      const order = a.family === b.family ? (a.value < b.value ? -1 : a.value > b.value ? 1 : 0) : a.family - b.family;
      t.is(byCodePoint(addressKey(a), addressKey(b)), Math.sign(order));
      t.deepEqual(addressOfKey(addressKey(a)), a);
    }),
  );
});

test('keys are ordered as numbers and texts are', (t) => {
  const number = fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.integer());
  fc.assert(
    fc.property(number, number, (a, b) => {
      t.is(byCodePoint(orderKey({ type: 'NUMBER' }, a), orderKey({ type: 'NUMBER' }, b)), a < b ? -1 : a > b ? 1 : 0);
    }),
  );
  t.is(orderKey({ type: 'NUMBER' }, -0), orderKey({ type: 'NUMBER' }, 0));
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (a, b) => {
      t.is(byCodePoint(orderKey({ type: 'STRING' }, a), orderKey({ type: 'STRING' }, b)), byCodePoint(a, b));
    }),
  );
});

test('a range survives being written and read; of an IPv4 network two addresses are not for use', (t) => {
  const cidr = fc.tuple(address, fc.nat(128)).map(([{ family, value }, length]) => {
    const bits = family === 4 ? length % 33 : length;
    const size = 1n << BigInt((family === 4 ? 32 : 128) - bits);
    return { text: `${formatAddress({ family, value: value - (value % size) })}/${bits}`, size, family, bits };
  });
  fc.assert(
    fc.property(cidr, ({ text, size, family, bits }) => {
      const parsed = parseAddressRange(text);
      if ('fault' in parsed) throw new Error(`${text}: ${parsed.fault}`);
      t.is(formatAddressRange(parsed.range), text);
      t.is(sizeOf(parsed.range), size);
      t.is(sizeOf(usableRange(parsed.range)), family === 4 && bits <= 30 ? size - 2n : size);
    }),
  );
  fc.assert(
    fc.property(ipv6, ipv6, (a, b) => {
      const [first, last] = a.value <= b.value ? [a, b] : [b, a];
      const parsed = parseAddressRange(`${formatAddress(first)} - ${formatAddress(last)}`);
      if ('fault' in parsed) throw new Error(parsed.fault);
      t.deepEqual(parseAddressRange(formatAddressRange(parsed.range)), parsed);
      t.true(isInRange(parsed.range, first) && isInRange(parsed.range, last));
    }),
  );
});

test('a range that cannot be is refused with what to write', (t) => {
  const fault = (text: string): string => {
    const parsed = parseAddressRange(text);
    return 'fault' in parsed ? parsed.fault : '';
  };
  t.regex(fault('10.0.0.5/24'), /the network is 10\.0\.0\.0\/24/);
  t.regex(fault('10.0.0.0/33'), /an IPv4 address has 32/);
  t.regex(fault('10.0.0.9-10.0.0.1'), /ends before it begins; write 10\.0\.0\.1-10\.0\.0\.9/);
  t.regex(fault('10.0.0.1-::1'), /mixes IPv4 and IPv6/);
  for (const text of ['', '10.0.0.1', '10.0.0.1-', '10.0.0.0/24/8', '10.0.0.0/', 'a-b'])
    t.regex(fault(text), /is no range/);
});

test('free addresses are the first ones that are not in use', (t) => {
  const small = fc.uniqueArray(fc.bigInt({ min: 0n, max: 40n }), { maxLength: 40 });
  fc.assert(
    fc.property(small, fc.nat(12), fc.nat(30), fc.nat(12), (list, from, length, count) => {
      const used = list.filter((one) => one >= BigInt(from)).sort((a, b) => (a < b ? -1 : 1));
      const until = BigInt(from + length);
      const inStretch = used.filter((one) => one <= until);
      const all = Array.from({ length: length + 1 }, (_, n) => BigInt(from + n)).filter((one) => !used.includes(one));
      t.deepEqual(freeAddresses(inStretch, BigInt(from), until, count).free, all.slice(0, count));
    }),
  );
});

test('an update changes what its mask names, and nothing else', (t) => {
  const text = fc.stringMatching(/^[a-z]{1,8}$/);
  const fields = fc.record({ hostname: text, owner: text, job_id: text }, { requiredKeys: ['hostname'] });
  const mask = fc.subarray(['owner', 'job_id', 'hostname']);
  fc.assert(
    fc.property(fields, fields, mask, (before, given, names) => {
      const { fields: after, violations } = checkUpdatedFields(machines(), before, given, names, 'record.fields');
      t.deepEqual(violations, []);
      for (const name of ['hostname', 'owner', 'job_id'] as const) {
        t.is(after[name], names.includes(name) ? given[name] : before[name]);
      }
      t.false(Object.values(after).includes(undefined as unknown as FieldValue));
    }),
  );
});

test('a required field cannot be removed', (t) => {
  const { violations } = checkUpdatedFields(machines(), { hostname: 'm1' }, {}, ['hostname'], 'record.fields');
  t.deepEqual(
    violations.map(({ field }) => field),
    ['record.fields.hostname'],
  );
});

test('texts that a store could not give back are refused', (t) => {
  for (const text of ['\ud800', 'a\0b', '', 'x'.repeat(1025)]) {
    t.true(
      'fault' in checkValue({ type: 'STRING', allowed: [], pattern: '' }, text),
      JSON.stringify(text).slice(0, 20),
    );
  }
});

test('a filter passes what it says', (t) => {
  const hostname = fieldNamed(machines(), 'hostname')!;
  const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 4 }).filter((one) => !one.includes('\0'));
  fc.assert(
    fc.property(text, text, text, (value, from, until) => {
      const pass = (given: Parameters<typeof checkFilter>[1]): boolean => {
        const checked = checkFilter(hostname, given);
        if ('fault' in checked) throw new Error(checked.fault);
        return passes(checked.filter, { hostname: value });
      };
      t.is(pass({ kind: 'range', from, until }), byCodePoint(from, value) <= 0 && byCodePoint(value, until) < 0);
      t.is(pass({ kind: 'oneOf', values: [from, until] }), value === from || value === until);
      t.is(pass({ kind: 'prefix', prefix: from }), value.startsWith(from));
    }),
  );
});
