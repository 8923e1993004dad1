import { BerthError, type Metadata, Status } from '@berth/client';
import { printable } from '@berth/views';
import type { Command } from 'commander';
import { type Context, perform } from '../program/context.js';
import { tell } from '../program/errors.js';
import { EXIT } from '../program/exit-code.js';

const EXAMPLES = `
Exit code 0 when all is well, 69 when something is not.

Examples:
  berth doctor
  berth doctor --address lab.example:7070 -o json`;

const CALLS = 10;
const TIMEOUT_MS = 5000;
const SKEW_MS = 2000;

interface Finding {
  readonly check: string;
  readonly ok: boolean;
  readonly result: string;
  readonly next?: string | undefined;
}

/** `berth doctor`: is the server there, and is all well between it and here. */
export function define(command: Command): void {
  command.addHelpText('after', EXAMPLES).action((_flags: object, self: Command) =>
    perform(self, async (context) => {
      const findings = await examine(context);
      const lines = findings.map(
        ({ check, ok, result, next }) =>
          `${ok ? 'ok ' : 'NOT'}  ${check.padEnd(10)} ${result}${next ? `\n       next: ${next}` : ''}`,
      );
      await context.out.one(findings, lines.join('\n'));
      return findings.every(({ ok }) => ok) ? EXIT.OK : EXIT.UNAVAILABLE;
    }),
  );
}

async function examine(context: Context): Promise<Finding[]> {
  const { address, addressFrom } = context.config;
  const where: Finding = { check: 'address', ok: true, result: `${address} (from ${addressFrom})` };
  try {
    return [where, ...(await checkHealth(context)), await checkLatency(context), ...(await checkService(context))];
  } catch (error) {
    return [where, refused('connection', error, context)];
  }
}

async function checkHealth({ berth }: Context): Promise<Finding[]> {
  let header: Metadata | undefined;
  const onHeader = (received: Metadata): void => {
    header = received;
  };
  const status = await berth.health('', { timeoutMs: TIMEOUT_MS, onHeader });
  const ok = status === 'SERVING';
  const troubles = troublesOf(header);
  const next = 'look at the log of berthd: it starts or stops, or its store cannot be written or reached';
  return [
    { check: 'health', ok, result: status, next: ok || troubles.length > 0 ? undefined : next },
    ...troubles.map(({ part, why, since }): Finding => {
      return { check: printable(part), ok: false, result: printable(`${why} (since ${since})`) };
    }),
  ];
}

/** The parts of the server that do not work, as it says itself; none when it does not tell. */
function troublesOf(header: Metadata | undefined): { part: string; why: string; since: string }[] {
  return JSON.parse(header?.get('berth-troubles') ?? '[]') as { part: string; why: string; since: string }[];
}

async function checkLatency({ berth }: Context): Promise<Finding> {
  const times: number[] = [];
  for (let i = 0; i < CALLS; i++) {
    const start = performance.now();
    await berth.health('', { timeoutMs: TIMEOUT_MS });
    times.push(performance.now() - start);
  }
  times.sort((a, b) => a - b);
  const at = (share: number): string => `${(times[Math.floor((CALLS - 1) * share)] ?? 0).toFixed(1)} ms`;
  return { check: 'latency', ok: true, result: `${at(0.5)} median, ${at(1)} longest of ${CALLS} calls` };
}

async function checkService(context: Context): Promise<Finding[]> {
  let header: Metadata | undefined;
  const onHeader = (received: Metadata): void => {
    header = received;
  };
  try {
    const sentAt = Date.now();
    // The answer to a health check says which server it is, and what time it has.
    await context.berth.health('', { timeoutMs: TIMEOUT_MS, onHeader });
    const receivedAt = Date.now();
    const { benches, nextPageToken } = await context.berth.inventory.listBenches(
      { pageSize: 1000 },
      { timeoutMs: TIMEOUT_MS },
    );
    const count = `${benches.length}${nextPageToken === '' ? '' : ' or more'} benches, ${benches.filter(({ holder }) => holder !== '').length} held`;
    const next = benches.length === 0 ? 'add some with `berth inventory apply FILE`' : undefined;
    return [
      { check: 'lab', ok: true, result: count, next },
      { check: 'version', ok: true, result: header?.get('berth-version') ?? 'the server does not tell' },
      skew(header?.get('berth-time'), sentAt, receivedAt),
    ];
  } catch (error) {
    return [refused('lab', error, context)];
  }
}

/** The server's clock was read somewhere between sending and receiving; what lies outside of that is skew. */
function skew(serverTime: string | undefined, sentAt: number, receivedAt: number): Finding {
  if (serverTime === undefined) return { check: 'clock', ok: true, result: 'the server does not tell' };
  const server = Number(new Date(serverTime));
  const ms = server < sentAt ? server - sentAt : server > receivedAt ? server - receivedAt : 0;
  const ok = Math.abs(ms) < SKEW_MS;
  const result = ms === 0 ? 'no skew' : `the server is ${Math.abs(ms)} ms ${ms > 0 ? 'ahead' : 'behind'}`;
  const next = ok ? undefined : 'times are shown by the server; set both clocks (NTP). Leases do not depend on it';
  return { check: 'clock', ok, result, next };
}

function refused(check: string, error: unknown, { config }: Context): Finding {
  const [what = '', ...rest] = tell(error, config).text.split('\n');
  const next = rest
    .join(' ')
    .trim()
    .replace(/^next: /, '');
  const tls = error instanceof BerthError && error.code === Status.UNAVAILABLE && config.address.startsWith('https:');
  return {
    check,
    ok: false,
    result: what.replace(/^berth: /, ''),
    next: tls ? 'check the certificate of the server' : next,
  };
}
