import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { BerthError } from '@berth/kernel';
import { rpcStatus } from '../calls/error-status.js';
import { statusJson } from './status-json.js';

interface ClientError extends Error {
  readonly code?: string;
}

const STATUS_OF_CODE: Readonly<Record<string, number>> = { HPE_HEADER_OVERFLOW: 431, ERR_HTTP_REQUEST_TIMEOUT: 408 };

/** Answers bytes that are no request of HTTP, headers that are too large or come too slowly, and ends the connection. */
export function answerClientError(error: ClientError, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  const status = STATUS_OF_CODE[error.code ?? ''] ?? 400;
  const text = `the request cannot be read: ${error.message}`;
  const body = JSON.stringify(statusJson(rpcStatus(new BerthError('MALFORMED_REQUEST', text))));
  const head = [
    `HTTP/1.1 ${String(status)} ${STATUS_CODES[status] ?? ''}`,
    'content-type: application/json; charset=utf-8',
    `content-length: ${String(Buffer.byteLength(body))}`,
    'connection: close',
  ];
  // Without end the peer might go on to send, and the answer would be lost with the reset.
  if (socket.writable) socket.write(`${head.join('\r\n')}\r\n\r\n${body}`);
  socket.destroySoon();
}
