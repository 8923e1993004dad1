import test from 'ava';
import fc from 'fast-check';
import { CappedOutput, outputText } from './capped-output.js';

test('the first and the last half are kept, however the bytes come', (t) => {
  const chunks = fc.array(fc.uint8Array({ maxLength: 30 }), { maxLength: 20 });
  t.notThrows(() => {
    fc.assert(
      fc.property(chunks, fc.integer({ min: 1, max: 20 }), (given, half) => {
        const capped = new CappedOutput(2 * half);
        for (const chunk of given) capped.add(Buffer.from(chunk));
        const all = Buffer.concat(given);
        const { head, leftOutBytes, tail } = capped.output();
        const cut = all.length > 2 * half;
        return (
          head.equals(all.subarray(0, half)) &&
          tail.equals(cut ? all.subarray(-half) : all.subarray(half)) &&
          leftOutBytes === (cut ? all.length - 2 * half : 0)
        );
      }),
    );
  });
});

test('the text tells how much was left out, and has no half characters at the cut', (t) => {
  const capped = new CappedOutput(10);
  capped.add(Buffer.from('aäöüß'));
  t.is(outputText(capped.output()), 'aäöüß');
  capped.add(Buffer.from('äöüßz'));
  t.is(outputText(capped.output()), 'aäö\n[8 bytes left out]\nüßz');
  capped.add(Buffer.from('äz'));
  t.is(outputText(capped.output()), 'aäö\n[11 bytes left out]\nzäz');
});
