import type { FastifyRequest } from 'fastify';

/** Cuts the connection of a request whose body pauses for longer than `ms`. Call it before the body is read. */
export function boundPauses({ raw }: FastifyRequest, ms = 60_000): void {
  if (raw.headers['content-length'] === undefined && raw.headers['transfer-encoding'] === undefined) return;
  const { socket } = raw;
  socket.setTimeout(ms);
  raw.once('end', () => socket.setTimeout(0));
}
