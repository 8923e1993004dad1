import test from 'ava';
import fc from 'fast-check';
import { dataOf, dataProperty } from './hook-output.js';

const MARK = '<< trimmed >>\n';

function dataText(output: string, limit: number): string {
  return new TextDecoder().decode(dataOf(new TextEncoder().encode(output), limit));
}

function property(bytes: Uint8Array | string) {
  return dataProperty(Buffer.from(bytes).toString('base64'));
}

test('what is no more than the limit is kept as it is', (t) => {
  t.is(dataText('10.0.0.1\n', 512), '10.0.0.1\n');
  t.is(dataText('', 512), '');
  t.is(dataText('ab\nc', 4), 'ab\nc');
});

test('of more, whole lines are kept, and a line says so', (t) => {
  t.is(dataText('ab\ncd\nef\n', 8), `ab\ncd\n${MARK}`);
  t.is(dataText('ab\ncd\nef\n', 6), `ab\ncd\n${MARK}`);
  t.is(dataText('ab\ncd\n', 5), `ab\n${MARK}`);
  t.is(dataText('x\n', 0), MARK);
});

test('a first line that is too long is cut, between two characters', (t) => {
  t.is(dataText('abcdef', 4), `abcd${MARK}`);
  t.is(dataText('aé😀b', 3), `aé${MARK}`);
  t.is(dataText('aé😀b', 6), `aé${MARK}`);
  t.is(dataText('aé😀b', 7), `aé😀${MARK}`);
});

test('the data with its mark are never larger than a property can hold in base64', (t) => {
  t.is(dataText('a'.repeat(12_288), 12_288).length, 12_288);
  t.is(dataText('a'.repeat(12_289), 12_288), 'a'.repeat(12_274) + MARK);
  t.is(dataText('a\n'.repeat(10_000), 12_288).length, 12_288);
});

test('data are as a naive model makes them', (t) => {
  const output = fc.array(fc.constantFrom('a', 'bc', '\n', 'é'), { maxLength: 20 }).map((parts) => parts.join(''));
  const run = fc.property(output, fc.nat(30), (text, limit) => {
    const whole = Buffer.byteLength(text) <= limit;
    let kept = '';
    for (const line of text.split(/(?<=\n)/)) {
      if (Buffer.byteLength(kept + line) > limit) break;
      kept += line;
    }
    if (!whole && kept === '') {
      for (const character of text) {
        if (Buffer.byteLength(kept + character) > limit) break;
        kept += character;
      }
    }
    t.is(dataText(text, limit), whole ? text : kept + MARK);
  });
  fc.assert(run);
});

test('a bench has its data as text, or in base64 where a property cannot hold it', (t) => {
  t.deepEqual(property('10.0.0.1\n\tü'), { data: '10.0.0.1\n\tü' });
  t.deepEqual(property(''), { data: '' });
  for (const bytes of ['a\r\n', '\u001b[1m', '\0', Uint8Array.of(0xff, 0xfe), Uint8Array.of(0xc3), '\u0085']) {
    t.deepEqual(property(bytes), { data_base64: Buffer.from(bytes).toString('base64') });
  }
});
