import { Agent, request } from 'node:http';

export interface XmlRpcEchoJob {
  /** Of the gateway, without a slash at its end. */
  readonly url: string;
  readonly calls: number;
}

/** Asks for a ticket that there is none of over XML-RPC, one call after the other; each one's time in ms. */
export async function runXmlRpcEcho({ url, calls }: XmlRpcEchoJob): Promise<readonly number[]> {
  const server = new XmlRpc(url, 1);
  const latencies: number[] = [];
  try {
    for (let i = 0; i < calls; i += 1) {
      const began = performance.now();
      await server.call('collectTicket', '<int>999999999</int>');
      latencies.push(performance.now() - began);
    }
    return latencies;
  } finally {
    server.end();
  }
}

export interface XmlRpcPassOnJob {
  readonly url: string;
  readonly tag: string;
  readonly sandbox: string;
  readonly times: number;
}

/** Passes a resource on from ticket to ticket; each one's time from closing one to the next one's output, in ms. */
export async function runXmlRpcPassOn({ url, tag, sandbox, times }: XmlRpcPassOnJob): Promise<readonly number[]> {
  const server = new XmlRpc(url, 4);
  const take = async (): Promise<number> => {
    const tags = `<array><data><value>${tag}</value></data></array>`;
    return Number(/<int>(\d+)<\/int>/.exec(await server.call('takeTicket', tags, `<string>${sandbox}</string>`))?.[1]);
  };
  const on = (method: string, ticket: number): Promise<string> => server.call(method, `<int>${String(ticket)}</int>`);
  const latencies: number[] = [];
  try {
    let holder = await take();
    await on('waitTicket', holder);
    for (let i = 0; i < times; i += 1) {
      const next = await take();
      const ready = on('waitTicket', next);
      // The wait has to be there before the close.
      await on('collectTicket', next);
      const began = performance.now();
      const closed = on('closeTicket', holder);
      await ready;
      latencies.push(performance.now() - began);
      await closed;
      holder = next;
    }
    await on('closeTicket', holder);
    return latencies;
  } finally {
    server.end();
  }
}

/** A client of XML-RPC that keeps its connections. */
class XmlRpc {
  readonly #agent: Agent;

  constructor(
    private readonly url: string,
    connections: number,
  ) {
    this.#agent = new Agent({ keepAlive: true, maxSockets: connections });
  }

  end(): void {
    this.#agent.destroy();
  }

  call(method: string, ...values: readonly string[]): Promise<string> {
    const params = values.map((value) => `<param><value>${value}</value></param>`).join('');
    const body = `<?xml version="1.0"?><methodCall><methodName>${method}</methodName><params>${params}</params></methodCall>`;
    return new Promise((resolve, reject) => {
      const headers = { 'content-type': 'text/xml', 'content-length': Buffer.byteLength(body) };
      const asked = request(`${this.url}/RPC2`, { method: 'POST', agent: this.#agent, headers }, (response) => {
        let text = '';
        response.on('data', (data: Buffer) => (text += String(data)));
        response.once('error', reject).once('end', () => {
          if (text.includes('<fault>')) reject(new Error(text));
          else resolve(text);
        });
      });
      asked.once('error', reject).end(body);
    });
  }
}
