import type { ServerHttp2Stream } from 'node:http2';
import { messageFrame } from './message-frames.js';

/** Answers a unary call with a message, and OK. */
export function answerMessage(stream: ServerHttp2Stream, message: Uint8Array): void {
  if (stream.closed) return;
  stream.respond({ ':status': 200, 'content-type': 'application/grpc+proto' }, { waitForTrailers: true });
  stream.on('wantTrailers', () => {
    if (!stream.closed) stream.sendTrailers({ 'grpc-status': '0' });
    stream.resume();
  });
  stream.end(messageFrame(message));
}
