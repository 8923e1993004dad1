import test from 'ava';
import { execFileSync } from 'node:child_process';
import { FAULT, XmlRpcFault } from './fault.js';
import { readCall } from './read-call.js';

/** A call as Python's own client writes it. */
function written(expression: string): Buffer {
  const script = `import sys, xmlrpc.client as x; from datetime import datetime
sys.stdout.buffer.write(x.dumps(${expression}, allow_none=True).encode())`;
  return execFileSync('python3', ['-c', script]);
}

function call(inner: string): Buffer {
  return Buffer.from(`<?xml version="1.0"?>\n<methodCall><methodName>m</methodName>${inner}</methodCall>`);
}

function params(...values: string[]): Buffer {
  return call(`<params>${values.map((value) => `<param>${value}</param>`).join('')}</params>`);
}

test('calls that Python writes are read', (t) => {
  t.deepEqual(readCall(written(`(['a', 'b & <c>'], 'job\\u00e4\\U0001F600'), 'takeTicket'`)), {
    method: 'takeTicket',
    params: [
      {
        type: 'array',
        items: [
          { type: 'string', value: 'a' },
          { type: 'string', value: 'b & <c>' },
        ],
      },
      { type: 'string', value: 'jobä😀' },
    ],
  });
  t.deepEqual(readCall(written(`(7, None, True, 1.5, b'x', {'a': 1}, datetime.now()), 'm'`)).params, [
    { type: 'int', value: 7 },
    { type: 'nil' },
    { type: 'boolean' },
    { type: 'double' },
    { type: 'base64' },
    { type: 'struct' },
    { type: 'dateTime' },
  ]);
  t.deepEqual(readCall(written(`(), 'm'`)), { method: 'm', params: [] });
});

test('a value without a type is a text, spaces and all; references and CDATA are read once', (t) => {
  const texts = [
    ['<value> a  b </value>', ' a  b '],
    ['<value><string></string></value>', ''],
    ['<value/>', ''],
    ['<value>\n  <string>x</string>\n</value>', 'x'],
    ['<value>&amp;lt;&#228;&#xe4;</value>', '&lt;ää'],
    ['<value><![CDATA[<a>&amp;]]> &amp;</value>', '<a>&amp; &'],
    ['<value>a<!-- a note -->b</value>', 'ab'],
  ] as const;
  for (const [xml, value] of texts) t.deepEqual(readCall(params(xml)).params, [{ type: 'string', value }], xml);
  t.deepEqual(readCall(params('<value><i8> -12 </i8></value>')).params, [{ type: 'int', value: -12 }]);
  t.deepEqual(readCall(call('')).params, []);
});

const BOMB = `<!DOCTYPE b [<!ENTITY a "${'x'.repeat(1000)}">${Array.from({ length: 9 }, (_, i) => {
  const before = i === 0 ? 'a' : `b${String(i - 1)}`;
  return `<!ENTITY b${String(i)} "${`&${before};`.repeat(10)}">`;
}).join('')}]>`;

test('what is no call of XML-RPC is refused with its code', (t) => {
  const cases: [string, Buffer, number, RegExp][] = [
    ['nothing', Buffer.from(''), FAULT.NOT_WELL_FORMED, /root/],
    ['text', Buffer.from('hello'), FAULT.NOT_WELL_FORMED, /line 1/],
    ['JSON', Buffer.from('{"a": 1}'), FAULT.NOT_WELL_FORMED, /line 1/],
    ['unclosed', Buffer.from('<methodCall><methodName>m</methodName>'), FAULT.NOT_WELL_FORMED, /methodCall/],
    ['crossed', Buffer.from('<a><b></a></b>'), FAULT.NOT_WELL_FORMED, /line 1, column/],
    ['text before the root', Buffer.from('x<a/>'), FAULT.NOT_WELL_FORMED, /line 1, column 1: text outside/],
    ['text after it', Buffer.from('<a/>\n x'), FAULT.NOT_WELL_FORMED, /line 1, column 5: text outside/],
    ['closed without being open', Buffer.from('</a>'), FAULT.NOT_WELL_FORMED, /<\/a> closes nothing/],
    ['a comment without end', Buffer.from('<a>\n<!-- </a>'), FAULT.NOT_WELL_FORMED, /line 2, column 1/],
    ['a lone <', params('<value>a < b</value>'), FAULT.NOT_WELL_FORMED, /line 2, column \d+: neither a tag/],
    ['an attribute without value', Buffer.from('<a b/>'), FAULT.NOT_WELL_FORMED, /line 1/],
    ['an attribute twice', Buffer.from(`<a b="1" b='2'/>`), FAULT.NOT_WELL_FORMED, /attribute of <a> is given twice/],
    ['two roots', Buffer.from('<a></a><b></b>'), FAULT.NOT_WELL_FORMED, /root/],
    ['an entity bomb', Buffer.from(`${BOMB}<methodCall><methodName>&b8;</methodName></methodCall>`), -32700, /DOCTYPE/],
    ['an external entity', Buffer.from('<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>'), -32700, /DOCTYPE/],
    ['an unknown entity', params('<value>&nbsp;</value>'), FAULT.NOT_WELL_FORMED, /nbsp/],
    ['a lone &', params('<value>a & b</value>'), FAULT.NOT_WELL_FORMED, /&/],
    ['a control character', params('<value>&#0;</value>'), FAULT.NOT_WELL_FORMED, /#0/],
    ['half a character', params('<value>&#xd800;</value>'), FAULT.NOT_WELL_FORMED, /xd800/],
    ['beyond Unicode', params('<value>&#x110000;</value>'), FAULT.NOT_WELL_FORMED, /x110000/],
    [
      'deep',
      params(`${'<value><array><data>'.repeat(50)}${'</data></array></value>'.repeat(50)}`),
      -32700,
      /nest|deep/i,
    ],
    ['very deep', Buffer.from('<a>'.repeat(100_000) + '</a>'.repeat(100_000)), FAULT.NOT_WELL_FORMED, /nest|deep/i],
    ['Latin-1', Buffer.from('<?xml version="1.0" encoding="ISO-8859-1"?><a/>'), FAULT.ENCODING, /ISO-8859-1/],
    ['no UTF-8', Buffer.concat([Buffer.from('<a>'), Buffer.from([0xff, 0xfe]), Buffer.from('</a>')]), -32701, /UTF-8/],
    ['UTF-16', Buffer.from('\ufeff<a/>', 'utf16le'), FAULT.ENCODING, /UTF-8/],
    ['another root', Buffer.from('<methodResponse/>'), FAULT.NOT_A_CALL, /<methodCall> is expected/],
    ['no method', Buffer.from('<methodCall/>'), FAULT.NOT_A_CALL, /exactly one <methodName>/],
    ['two methods', call('<methodName>n</methodName>'), FAULT.NOT_A_CALL, /exactly one <methodName>/],
    ['a stray element', call('<params><value>1</value></params>'), FAULT.NOT_A_CALL, /<value> does not belong/],
    ['an unknown type', params('<value><float>1</float></value>'), FAULT.NOT_A_CALL, /<float> is not a type/],
    ['two types', params('<value><int>1</int><int>2</int></value>'), FAULT.NOT_A_CALL, /holds one type/],
    ['text that is none', params('<value><int><b>1</b></int></value>'), FAULT.NOT_A_CALL, /<int> holds text/],
    ['__proto__', params('<value><__proto__>1</__proto__></value>'), FAULT.NOT_WELL_FORMED, /proto/],
    ['no number', params('<value><int>1.5</int></value>'), FAULT.WRONG_PARAMS, /"1.5" is not a whole number/],
    ['a huge number', params(`<value><int>${'9'.repeat(30)}</int></value>`), FAULT.WRONG_PARAMS, /whole number/],
  ];
  for (const [name, body, code, text] of cases) {
    const fault = t.throws(() => readCall(body), { instanceOf: XmlRpcFault }, name);
    t.is(fault.code, code, `${name}: ${fault.message}`);
    t.regex(fault.message, text, name);
  }
});

test('what is long to read is read within its size', (t) => {
  const started = process.cpuUsage();
  const long = [
    `<a ${'x="1" '.repeat(20_000)}/>`,
    `<a${' '.repeat(130_000)}/>`,
    `<a>${'<b/>'.repeat(30_000)}</a>`,
    `<a>${'&amp;'.repeat(25_000)}</a>`,
    `<a>${'<!-- -->'.repeat(15_000)}</a>`,
    `<a>${'<![CDATA[x]]>'.repeat(9_000)}</a>`,
    `<a>${']'.repeat(130_000)}</a>`,
    '<'.repeat(130_000),
    '&'.repeat(130_000),
    `<a>${'&'.repeat(130_000)}</a>`,
  ];
  for (const text of long) t.throws(() => readCall(Buffer.from(text)), { instanceOf: XmlRpcFault });
  const { user } = process.cpuUsage(started);
  t.log(`${String(Math.round(user / 1000))} ms`);
});
