import type { DestinationStream, Logger } from 'pino';
import { currentTrace } from '../traces/trace-context.js';
import { destination, pino, stdTimeFunctions } from 'pino';

export type { Logger } from 'pino';

export interface LogOptions {
  readonly level: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';
  /** `auto`: text when stderr is a terminal, JSON otherwise. */
  readonly format: 'auto' | 'json' | 'text';
}

const SECRETS = ['password', 'secret', 'token', 'apiKey', 'api_key', 'authorization', 'properties'];

/** A log on stderr (or `stream`), a line an entry, without secrets. */
export function createLog({ level, format }: LogOptions, stream: DestinationStream = stderr()): Logger {
  const text = format === 'text' || (format === 'auto' && process.stderr.isTTY);
  const redact = { paths: SECRETS.flatMap((key) => [key, `*.${key}`, `*.*.${key}`]), censor: '[hidden]' };
  const options = { level, redact, timestamp: stdTimeFunctions.isoTime, base: null, mixin: traceOfLine };
  return pino(options, text ? { write: (line) => stream.write(textLine(line)) } : stream);
}

/** What is logged in the course of a call with a trace says which. */
function traceOfLine(): object {
  const trace = currentTrace();
  return trace === undefined ? {} : { traceId: trace.traceId };
}

// Written at once: what a process says before it dies is what one needs most.
function stderr(): DestinationStream {
  return destination({ fd: 2, sync: true });
}

/** `12:00:00.000 INFO  message key=value`, and the stack of an error below it. */
export function textLine(json: string): string {
  const entry = JSON.parse(json) as Record<string, unknown>;
  const { level, time, msg = '', err, ...rest } = entry;
  const label = pino.levels.labels[Number(level)] ?? String(level);
  const facts = Object.entries(rest).map(
    ([key, value]) => ` ${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  const stack = (err as { stack?: string } | undefined)?.stack;
  const below = stack === undefined ? '' : `\n  ${stack.replaceAll('\n', '\n  ')}`;
  return `${String(time).slice(11, 23)} ${label.toUpperCase().padEnd(5)} ${String(msg)}${facts.join('')}${below}\n`;
}
