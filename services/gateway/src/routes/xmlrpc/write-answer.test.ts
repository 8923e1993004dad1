import test from 'ava';
import { execFileSync } from 'node:child_process';
import { XmlRpcFault } from './fault.js';
import { writeAnswer, writeFault } from './write-answer.js';

/** What Python's own client reads, as JSON; bytes as text. */
function read(document: string): unknown {
  const script = `import sys, json, xmlrpc.client as x
try:
    (value,), _ = x.loads(sys.stdin.buffer.read())
except x.Fault as fault:
    value = {'code': fault.faultCode, 'text': fault.faultString}
print(json.dumps(value, default=lambda binary: binary.data.decode()))`;
  return JSON.parse(execFileSync('python3', ['-c', script], { input: document, encoding: 'utf8' }));
}

test('answers are read by Python', (t) => {
  t.is(read(writeAnswer(null)), null);
  t.is(read(writeAnswer(7)), 7);
  t.is(read(writeAnswer(2 ** 40)), 2 ** 40);
  t.is(read(writeAnswer('a <b> & "c" ä\n')), 'a <b> & "c" ä\n');
  t.is(read(writeAnswer(Buffer.from('10.0.0.1\n'))), '10.0.0.1\n');
  t.is(read(writeAnswer(Buffer.alloc(0))), '');
  t.deepEqual(read(writeAnswer({ ready: true, output: Buffer.from('x'), closed: false, failed: null })), {
    ready: true,
    output: 'x',
    closed: false,
    failed: null,
  });
});

test('a fault has a code and a text; what XML cannot hold is replaced', (t) => {
  t.deepEqual(read(writeFault(new XmlRpcFault(5, 'no ticket <7>'))), { code: 5, text: 'no ticket <7>' });
  t.deepEqual(read(writeFault(new XmlRpcFault(-1, 'a\u0000b\ud800c\u001b[1m'))), { code: -1, text: 'a�b�c�[1m' });
});
