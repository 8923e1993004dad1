import { once } from 'node:events';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { request } from 'node:http';
import type { JsonValue } from '@bufbuild/protobuf';

export interface SentRequest {
  readonly method?: string;
  /** Path and query, sent as they are: `fetch` would resolve `..` in them. */
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer | undefined;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The text as JSON; throws for another text. */
  readonly json: JsonValue;
}

/** Sends a request and reads all of its answer. `base` is `http://127.0.0.1:<port>`. */
export async function send(base: string, sent: SentRequest): Promise<HttpAnswer> {
  const response = await open(base, sent);
  let text = '';
  for await (const chunk of response as AsyncIterable<Buffer>) text += chunk.toString();
  const { statusCode = 0, headers } = response;
  return {
    status: statusCode,
    headers,
    text,
    get json() {
      return JSON.parse(text) as JsonValue;
    },
  };
}

/** Sends a request and resolves with the head of its answer; destroy it to hang up. */
export async function open(
  base: string,
  { method = 'GET', url, headers, body }: SentRequest,
): Promise<IncomingMessage> {
  const { hostname, port } = new URL(base);
  // Without it Node.js would send the body of a DELETE as if it were the next request.
  const length =
    body === undefined || headers?.['transfer-encoding'] !== undefined
      ? {}
      : { 'content-length': Buffer.byteLength(body) };
  const sent = request({ host: hostname, port, method, path: url, headers: { ...length, ...headers }, agent: false });
  sent.end(body);
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  return response;
}

/** The lines of an answer as they come, the last also without a line break; leaving the loop hangs up. */
export async function* linesOf(response: IncomingMessage): AsyncGenerator<string, void> {
  let text = '';
  for await (const chunk of response as AsyncIterable<Buffer>) {
    text += chunk.toString();
    for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n')) {
      yield text.slice(0, end);
      text = text.slice(end + 1);
    }
  }
  if (text !== '') yield text;
}
