import { BerthError, Status, statusName } from '@berth/client';
import { printableLines } from '@berth/views';
import { EXIT } from './exit-code.js';
import { UsageError } from './usage-error.js';

/** What is told of an error, and with which code the process ends. */
export interface Told {
  readonly exitCode: number;
  /** For people: what and why, then the places, then what to do next. */
  readonly text: string;
  /** For programs (`-o json`). */
  readonly value: object;
}

const CODES: Partial<Record<Status, number>> = {
  [Status.INVALID_ARGUMENT]: EXIT.USAGE,
  [Status.UNAVAILABLE]: EXIT.UNAVAILABLE,
  [Status.RESOURCE_EXHAUSTED]: EXIT.TRY_LATER,
  [Status.PERMISSION_DENIED]: EXIT.NOT_PERMITTED,
  [Status.UNAUTHENTICATED]: EXIT.NOT_PERMITTED,
};

const REASON_CODES: Record<string, number> = {
  WAIT_TIMEOUT: EXIT.TRY_LATER,
  BENCH_UNAVAILABLE: EXIT.UNAVAILABLE,
  BENCH_BOOKED: EXIT.TRY_LATER,
  BENCH_HELD: EXIT.TRY_LATER,
  LEASE_LOST: EXIT.TRY_LATER,
  // This client's own limit: no answer came.
  DEADLINE_EXCEEDED: EXIT.UNAVAILABLE,
};

/** What to do next, where the server's message cannot know it. */
const NEXT: Record<string, string> = {
  BENCH_BUSY: 'wait for it with --wait 10m (or without --wait, for as long as it takes), or ask for another bench',
  WAIT_TIMEOUT: 'try again later, wait longer with --wait, or see who is before you with `berth queue`',
  NO_CAPACITY:
    'book less, look for another time with `berth book find`, or let it wait for room with `book create --provisional`',
  PERMISSION_DENIED: 'ask an operator, or call with another --role where the server allows it',
  STORE_UNAVAILABLE: 'try again; if it stays so, look at the log of berthd',
};

/** The exit code for an error. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof UsageError) return EXIT.USAGE;
  if (!(error instanceof BerthError)) return EXIT.FAILED;
  return REASON_CODES[error.reason] ?? CODES[error.code] ?? EXIT.FAILED;
}

/** An error told to people and programs; `server` names where the call went. */
export function tell(error: unknown, server: { address: string; addressFrom: string }): Told {
  const exitCode = exitCodeOf(error);
  if (error instanceof BerthError) {
    const lines = [`berth: ${summary(error, server.address)}`, ...places(error), ...next(nextStep(error, server))];
    const { reason, message, details } = error;
    return {
      exitCode,
      text: printableLines(lines.join('\n')),
      value: { reason, code: statusName(error.code), message, ...details },
    };
  }
  const message = error instanceof Error ? error.message : String(error);
  const text = [`berth: ${message}`, ...next(error instanceof UsageError ? error.next : undefined)].join('\n');
  return {
    exitCode,
    text: printableLines(text),
    value: { reason: error instanceof UsageError ? 'USAGE' : 'FAILED', message },
  };
}

function summary(error: BerthError, address: string): string {
  if (error.described || error.reason === 'LEASE_LOST') return `${error.message} [${error.reason}]`;
  if (error.code === Status.UNAVAILABLE)
    return `no Berth server answers at ${address} (${connectionFault(error.message)})`;
  return `${error.message} [${error.reason}]`;
}

/** grpc-js wraps the system's words in its own, which tell people nothing. */
function connectionFault(message: string): string {
  return /Last error: (?:Error: )?(.+?)\. Resolution note/.exec(message)?.[1] ?? message;
}

function places({ message, details }: BerthError): string[] {
  const fields = (details.fields ?? [])
    .filter((one) => !isOfAFile(one, message))
    .map(({ field, description }) => `${field}: ${description}`);
  const conditions = (details.preconditions ?? [])
    .filter(({ description }) => !message.includes(description))
    .map(({ subject, description }) => `${subject}: ${description}`);
  const lines = [...fields, ...conditions].filter((line) => !message.includes(line));
  return [...new Set(lines)].map((line) => `  ${line}`);
}

/** Whether the message has this fault already, as one of a file: its place goes before its name there. */
function isOfAFile({ field, description }: { field: string; description: string }, message: string): boolean {
  const [, where, what] = /^(\S+:\d+:\d+): ([^]+)$/.exec(description) ?? [];
  return where !== undefined && message.includes(`${where}: ${field}: ${what ?? ''}`);
}

function nextStep(error: BerthError, { addressFrom }: { addressFrom: string }): string | undefined {
  if (!error.described && error.code === Status.UNAVAILABLE) {
    return `start one with \`npm start\`, or say where it is with --address or BERTH_ADDRESS (the address came from ${addressFrom}); \`berth doctor\` looks closer`;
  }
  return NEXT[error.reason];
}

function next(step: string | undefined): string[] {
  return step === undefined ? [] : [`  next: ${step}`];
}
