import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from '@berth/client';
import { closedAfter, requireServer, startBerthd, tempFolder, until } from '@berth/testkit';
import test, { type ExecutionContext } from 'ava';
import { type Python, startPython } from './python.fixture.js';
import { serveXmlRpc, type XmlRpcServer } from './serve-xmlrpc.fixture.js';

const POOLS = `
many:
  max: 4
  max_prealloc: 1
  cmd_new: printf 'made %s\\n' "$RESALLOC_NAME"
  cmd_delete: 'true'
  tags: [many, shell]
one:
  max: 1
  max_prealloc: 1
  cmd_new: printf 'the one\\n'
  cmd_delete: 'true'
  reuse_opportunity_time: 600
  tags: [one]
`;

function run(t: ExecutionContext, { url }: Pick<XmlRpcServer, 'url'>, script: string): Promise<readonly unknown[]> {
  return startPython(t, url, script).ended;
}

/** A process that has a ticket and waits for it. */
async function waiter(t: ExecutionContext, { url }: XmlRpcServer, sandbox: string): Promise<Python> {
  const python = startPython(
    t,
    url,
    `
ticket = server.takeTicket(['one'], '${sandbox}')
tell(ticket)
tell(fault(server.waitTicket, ticket))`,
  );
  await python.says(1);
  return python;
}

if (requireServer(test, 'python3')) {
  for (const path of ['', '/RPC2', '/']) {
    test(`a ticket is taken, collected, waited for and closed, with and without a sandbox, at '${path}'`, async (t) => {
      const served = await serveXmlRpc(t, POOLS);
      const told = await run(
        t,
        { url: served.url + path },
        `
for args in ((['many'],), (['many', 'shell'], 'job-1'), (['many'], None)):
    ticket = server.takeTicket(*args)
    tell(ticket)
    tell(server.waitTicket(ticket))
    tell(server.collectTicket(ticket))
    tell(server.closeTicket(ticket))
    tell(server.closeTicket(ticket))
    tell(server.collectTicket(ticket))
    tell(server.waitTicket(ticket))
tell(server.collectTicket(99))`,
      );
      for (const number of [1, 2, 3]) {
        const [ticket, output, ready, closed, again, after, late] = told.slice((number - 1) * 7, number * 7);
        t.is(ticket, number);
        t.regex(String(output), /^made many_\d{8}_/);
        t.deepEqual(ready, { ready: true, output, closed: false, failed: false });
        t.deepEqual([closed, again], [null, null]);
        t.deepEqual(after, { ready: true, output, closed: true, failed: false });
        t.is(late, output, 'closed after it was ready');
      }
      t.deepEqual(told.at(-1), { ready: null, output: null, closed: null, failed: null });
      const { tickets } = await served.operator.pools.listTickets({ numbers: [1, 2, 3] });
      t.deepEqual(
        tickets.map(({ sandbox }) => sandbox),
        ['', 'job-1', ''],
      );
    });
  }

  test('a second process waits, and is woken by the close of the first one, not by asking again', async (t) => {
    const served = await serveXmlRpc(t, POOLS);
    const [first] = await run(
      t,
      served,
      `
ticket = server.takeTicket(['one'], 's')
server.waitTicket(ticket)
tell(ticket)`,
    );
    const second = await waiter(t, served, 's');
    await until(() => served.waiting === 1, { what: 'the wait' });
    t.deepEqual(await run(t, served, `tell(server.collectTicket(${String(second.told[0])}))`), [
      { ready: false, output: null, closed: false, failed: false },
    ]);
    const before = served.asked.length;
    await run(t, served, `server.closeTicket(${String(first)})`);
    t.deepEqual((await second.ended).slice(1), [{ 'no fault': 'the one\n' }]);
    t.deepEqual(served.asked.slice(before), ['closeTicket']);
    t.is(served.waiting, 0);
  });

  test('tickets that failed, were closed before they were ready, or never were: a fault at once', async (t) => {
    const served = await serveXmlRpc(t, POOLS);
    const [failed] = await run(
      t,
      served,
      `
ticket = server.takeTicket(['one'], 's')
server.waitTicket(ticket)
tell(ticket)`,
    );
    const waiting = await waiter(t, served, 's');
    await until(() => served.waiting === 1, { what: 'the wait' });
    const closed = String(waiting.told[0]);
    await run(t, served, `server.closeTicket(${closed})`);
    const [, told] = await waiting.ended;
    t.is((told as [number])[0], 9);
    await served.operator.pools.deleteResources({ all: true, reason: 'broken' });
    const isFailed = async () => (await run(t, served, `tell(server.collectTicket(${String(failed)})['failed'])`))[0];
    await until(isFailed, { what: 'the ticket to fail' });
    const faults = await run(
      t,
      served,
      `
for number in (${String(failed)}, ${closed}, 99):
    tell(fault(server.waitTicket, number))
tell(fault(server.closeTicket, 99))
tell(fault(server.takeTicket, ['unknown']))
tell(fault(server.takeTicket, []))
tell(fault(server.takeTicket, ['a b']))`,
    );
    const expected: [number, RegExp][] = [
      [9, /failed: .*broken.*\[TICKET_ENDED\]$/s],
      [9, /\[TICKET_ENDED\]$/],
      [5, /99.*\[NO_SUCH_TICKET\]$/s],
      [5, /99.*\[NO_SUCH_TICKET\]$/s],
      [5, /\[NO_SUCH_BENCH\]$/],
      [3, /tags.*\[INVALID_FIELD\]$/s],
      [3, /tags\[0\].*\[INVALID_FIELD\]$/s],
    ];
    for (const [i, [code, text]] of expected.entries()) {
      const [gotCode, gotText] = faults[i] as [number, string];
      t.is(gotCode, code, gotText);
      t.regex(gotText, text);
    }
    const { tickets } = await served.operator.pools.listTickets({ numbers: [1, 2, 3] });
    t.is(tickets.length, 2, 'nothing was made');
  });

  test('a wrong method, wrong values: a fault that says what is right, and nothing changes', async (t) => {
    const served = await serveXmlRpc(t, POOLS);
    const faults = await run(
      t,
      served,
      `
from datetime import datetime
tell(fault(server.takeTickets, ['many']))
tell(fault(server.constructor, 1))
tell(fault(server.system.listMethods))
tell(fault(server.takeTicket))
tell(fault(server.takeTicket, 'many'))
tell(fault(server.takeTicket, ['many', 1]))
tell(fault(server.takeTicket, {'tags': ['many']}))
tell(fault(server.takeTicket, [datetime.now()]))
tell(fault(server.takeTicket, ['many'], 7))
tell(fault(server.takeTicket, ['many'], 's', 'more'))
tell(fault(server.collectTicket, '1'))
tell(fault(server.waitTicket, None))
tell(fault(server.waitTicket, 1.0))
tell(fault(server.closeTicket, True))
tell(fault(server.closeTicket))
tell(fault(server.closeTicket, 0))`,
    );
    const expected: [number, RegExp][] = [
      [-32601, /no method 'takeTickets'.*did you mean 'takeTicket'/],
      [-32601, /no method 'constructor', only takeTicket, collectTicket, waitTicket, closeTicket/],
      [-32601, /no method 'system.listMethods'/],
      [-32602, /takeTicket\(tags\[, sandbox\]\) was called with 0 values/],
      [-32602, /tags must be an array of strings, got string/],
      [-32602, /tags\[1\] must be a string, got int/],
      [-32602, /tags must be an array of strings, got struct/],
      [-32602, /tags\[0\] must be a string, got dateTime/],
      [-32602, /sandbox must be a string, got int/],
      [-32602, /was called with 3 values/],
      [-32602, /number must be an int, got string/],
      [-32602, /number must be an int, got nil/],
      [-32602, /number must be an int, got double/],
      [-32602, /number must be an int, got boolean/],
      [-32602, /closeTicket\(number\) was called with 0 values/],
      [3, /numbered from 1.*\[INVALID_FIELD\]/s],
    ];
    t.is(faults.length, expected.length);
    for (const [i, [code, text]] of expected.entries()) {
      const [gotCode, gotText] = faults[i] as [number, string];
      t.is(gotCode, code, gotText);
      t.regex(gotText, text);
    }
    t.deepEqual((await served.operator.pools.listTickets({})).tickets, []);
  });

  test('bad XML, an entity bomb, 20 MB, another type of body: a fault, and nothing changes', async (t) => {
    const served = await serveXmlRpc(t, POOLS);
    const faults = await run(
      t,
      served,
      `
import http.client, urllib.parse
def post(body, kind='text/xml', path='/RPC2'):
    connection = http.client.HTTPConnection(urllib.parse.urlparse(sys.argv[1]).netloc)
    connection.request('POST', path, body, {'Content-Type': kind} if kind else {})
    answer = connection.getresponse()
    return answer, answer.read().decode()
def posted(body):
    answer, text = post(body)
    assert answer.status == 200 and answer.getheader('content-type').startswith('text/xml'), (answer.status, text)
    try:
        xmlrpc.client.loads(text)
    except xmlrpc.client.Fault as fault:
        return [fault.faultCode, fault.faultString]
good = xmlrpc.client.dumps((['many'],), 'takeTicket')
tell(posted(good[:-20]))
tell(posted(''))
bomb = '<!DOCTYPE b [<!ENTITY a "' + 'x' * 1000 + '">' + ''.join(
    '<!ENTITY b%d "%s">' % (i, ('&b%d;' % (i - 1) if i else '&a;') * 10) for i in range(9)) + ']>'
tell(posted(bomb + good.replace('<?xml version=\\'1.0\\'?>', '').replace('many', '&b8;')))
tell(posted(xmlrpc.client.dumps((['x' * 20_000_000],), 'takeTicket')))
tell(posted('<methodResponse/>'))
for kind in ('application/json', 'text/plain', None):
    answer, text = post('{}', kind)
    tell(answer.status)`,
    );
    const codes = faults.slice(0, 5).map((fault) => (fault as [number])[0]);
    t.deepEqual(codes, [-32700, -32700, -32700, -32600, -32600]);
    t.regex((faults[2] as [number, string])[1], /DOCTYPE/);
    t.regex((faults[3] as [number, string])[1], /at most 128 KiB/);
    t.deepEqual(faults.slice(5), [415, 415, 415]);
    t.deepEqual((await served.operator.pools.listTickets({})).tickets, []);
  });

  test('with auth a token is the password in the URL, tickets belong to its name, and others are refused', async (t) => {
    const folder = tempFolder(t);
    const [file, tokens] = [join(folder, 'pools.yaml'), join(folder, 'tokens.yaml')];
    writeFileSync(file, POOLS);
    const sha256 = createHash('sha256').update('secret').digest('hex');
    writeFileSync(tokens, JSON.stringify([{ name: 'ci', role: 'user', sha256 }]));
    const settings = { pool: { file }, auth: { tokens }, http: { listen: '127.0.0.1:0' } };
    const berthd = await startBerthd({ settings });
    t.teardown(() => berthd.stop());
    const host = (berthd.http ?? '').replace('http://', '');
    const take = `
try:
    ticket = server.takeTicket(['many'])
    tell([ticket, server.waitTicket(ticket)])
except xmlrpc.client.ProtocolError as error:
    tell(error.errcode)`;
    const [taken] = await run(t, { url: `http://ci:secret@${host}` }, take);
    t.regex(String((taken as unknown[])[1]), /^made many_/);
    t.deepEqual(await run(t, { url: `http://${host}` }, take), [401]);
    t.deepEqual(await run(t, { url: `http://ci:wrong@${host}` }, take), [401]);
    const ci = closedAfter(t, connect({ address: berthd.address, token: 'secret' }));
    const { tickets } = await ci.pools.listTickets({});
    t.deepEqual(
      tickets.map(({ owner }) => owner),
      ['ci'],
    );
  });

  test('a client that goes away while it waits leaves no wait behind, and its ticket stays', async (t) => {
    const served = await serveXmlRpc(t, POOLS);
    await run(t, served, `server.waitTicket(server.takeTicket(['one'], 's'))`);
    const waiting = await waiter(t, served, 's');
    await until(() => served.waiting === 1, { what: 'the wait' });
    waiting.kill();
    await until(() => served.waiting === 0, { what: 'the wait to end' });
    const number = Number(waiting.told[0]);
    t.deepEqual((await served.operator.pools.getTicket({ number })).ticket?.state, 1);
  });

  test('a server that stops ends waits with a fault that says so', async (t) => {
    const served = await serveXmlRpc(t, POOLS);
    await run(t, served, `server.waitTicket(server.takeTicket(['one'], 's'))`);
    const waiting = await waiter(t, served, 's');
    await until(() => served.waiting === 1, { what: 'the wait' });
    await served.stop();
    const [, told] = await waiting.ended;
    const [code, text] = told as [number, string];
    t.is(code, 14);
    t.regex(text, /\[SHUTTING_DOWN\]$/);
  });
}
