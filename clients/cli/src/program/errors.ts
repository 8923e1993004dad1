import { BerthError, type ConnectionFaultKind, Status, statusName } from '@berth/client';
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
  ROLE_UNAVAILABLE: 'try again; `berth doctor` says which roles are there',
};

/** What to do next where there is no connection, most likely for a reason of TLS. */
const TLS_NEXT: Partial<Record<ConnectionFaultKind, string>> = {
  UNTRUSTED: 'give the certificate of its authority with --ca (BERTH_CA)',
  OTHER_NAME: 'reach it by a name that is in its certificate, or have the name of --address put in there',
  NOT_VALID_NOW: 'have its certificate renewed, and look at the clock of this machine',
  NOT_TLS: 'leave out https, --ca, --cert and --key (BERTH_CA, BERTH_CERT, BERTH_KEY), or have TLS switched on there',
  CERTIFICATE_REQUIRED: 'show yours with --cert and --key (BERTH_CERT, BERTH_KEY)',
  CERTIFICATE_REFUSED: 'show one of an authority that it trusts, and that is valid now, with --cert and --key',
  CLOSED:
    'if it speaks only TLS, write https before the address or give --ca; else it may not take the certificate of --cert',
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
  if (tlsNext(error) !== undefined) return `no connection to ${address}: ${error.message}`;
  const isUnreachable = !error.described && error.reason !== 'LEASE_LOST' && error.code === Status.UNAVAILABLE;
  return isUnreachable
    ? `no Berth server answers at ${address} (${error.message})`
    : `${error.message} [${error.reason}]`;
}

function tlsNext({ details }: BerthError): string | undefined {
  return details.connection && TLS_NEXT[details.connection];
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
  const [, where, what] = /^(.+?:\d+:\d+): ([^]+)$/.exec(description) ?? [];
  return where !== undefined && message.includes(`${where}: ${field}: ${what ?? ''}`);
}

function nextStep(error: BerthError, { addressFrom }: { addressFrom: string }): string | undefined {
  const forTls = tlsNext(error);
  if (forTls !== undefined) return forTls;
  if (!error.described && error.code === Status.UNAVAILABLE) {
    return `start one with \`npm start\`, or say where it is with --address or BERTH_ADDRESS (the address came from ${addressFrom}); \`berth doctor\` looks closer`;
  }
  return NEXT[error.reason];
}

function next(step: string | undefined): string[] {
  return step === undefined ? [] : [`  next: ${step}`];
}
