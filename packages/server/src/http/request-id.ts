import { randomBytes } from 'node:crypto';

const RUN = randomBytes(4).toString('hex');
let requests = 0;

/** An id for a request over HTTP; no two of any process are equal. */
export function nextRequestId(): string {
  requests += 1;
  return `${RUN}-h${requests.toString(36)}`;
}
