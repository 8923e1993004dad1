import type { Berth, Metadata } from '@berth/client';
import { callerText } from '../program/caller-text.js';
import type { Context } from '../program/context.js';
import { tell } from '../program/errors.js';
import type { Finding } from './finding.js';
import { checkRoles, isHere } from './roles.js';

const CALLS = 10;
const TIMEOUT_MS = 5000;
const SKEW_MS = 2000;

/** What a server says of itself in the answer to a health check, and when that was asked and came. */
interface Answer {
  readonly status: string;
  readonly header: Metadata | undefined;
  readonly sentAt: number;
  readonly receivedAt: number;
}

/** A check that failed as a whole, and why. */
type Refuse = (check: string, error: unknown) => Finding;

/** All that is found out about the server of an address; `context.berth` goes to that one only. */
export async function examineServer({ berth, config }: Context, address: string): Promise<Finding[]> {
  const where: Finding = { check: 'address', ok: true, result: `${address} (from ${config.addressFrom})` };
  const refuse: Refuse = (check, error) => refused(check, error, { ...config, address });
  try {
    const answer = await askHealth(berth);
    const roles = await checkRoles(berth, TIMEOUT_MS, refuse);
    return [
      where,
      ...healthFindings(answer),
      await checkCaller(berth, refuse),
      ...roles,
      await checkLatency(berth),
      ...(isHere('lease', roles) ? [await checkLab(berth, refuse)] : []),
      { check: 'version', ok: true, result: answer.header?.get('berth-version') ?? 'the server does not tell' },
      skewFinding(answer),
    ];
  } catch (error) {
    return [where, refuse('connection', error)];
  }
}

async function askHealth(berth: Berth): Promise<Answer> {
  let header: Metadata | undefined;
  const onHeader = (received: Metadata): void => {
    header = received;
  };
  // The first call makes the connection, which counts neither as the way of an answer nor as skew.
  await berth.health('', { timeoutMs: TIMEOUT_MS });
  const sentAt = Date.now();
  const status = await berth.health('', { timeoutMs: TIMEOUT_MS, onHeader });
  return { status, header, sentAt, receivedAt: Date.now() };
}

function healthFindings({ status, header }: Answer): Finding[] {
  const ok = status === 'SERVING';
  const troubles = troublesOf(header);
  const next = 'look at the log of berthd: it starts or stops, or its store cannot be written or reached';
  return [
    { check: 'health', ok, result: status, next: ok || troubles.length > 0 ? undefined : next },
    ...troubles.map(({ part, why, since }): Finding => ({ check: part, ok: false, result: `${why} (since ${since})` })),
  ];
}

/** The parts of the server that do not work, as it says itself; none when it does not tell. */
function troublesOf(header: Metadata | undefined): { part: string; why: string; since: string }[] {
  return JSON.parse(header?.get('berth-troubles') ?? '[]') as { part: string; why: string; since: string }[];
}

async function checkCaller(berth: Berth, refuse: Refuse): Promise<Finding> {
  try {
    const caller = await berth.identity.whoAmI({}, { timeoutMs: TIMEOUT_MS });
    return { check: 'caller', ok: true, result: callerText(caller) };
  } catch (error) {
    return refuse('caller', error);
  }
}

async function checkLatency(berth: Berth): Promise<Finding> {
  const times: number[] = [];
  for (let i = 0; i < CALLS; i++) {
    const start = performance.now();
    await berth.health('', { timeoutMs: TIMEOUT_MS });
    times.push(performance.now() - start);
  }
  times.sort((a, b) => a - b);
  const at = (share: number): string => `${(times[Math.floor((CALLS - 1) * share)] ?? 0).toFixed(1)} ms`;
  return { check: 'latency', ok: true, result: `${at(0.5)} median, ${at(1)} longest of ${String(CALLS)} calls` };
}

async function checkLab(berth: Berth, refuse: Refuse): Promise<Finding> {
  try {
    const page = await berth.inventory.listBenches({ pageSize: 1000 }, { timeoutMs: TIMEOUT_MS });
    const { benches, nextPageToken } = page;
    const more = nextPageToken === '' ? '' : ' or more';
    const held = benches.filter(({ holder }) => holder !== '').length;
    const result = `${String(benches.length)}${more} benches, ${String(held)} held`;
    const next = benches.length === 0 ? 'add some with `berth inventory apply FILE`' : undefined;
    return { check: 'lab', ok: true, result, next };
  } catch (error) {
    return refuse('lab', error);
  }
}

/** The server's clock was read somewhere between sending and receiving; what lies outside of that is skew. */
function skewFinding({ header, sentAt, receivedAt }: Answer): Finding {
  const serverTime = header?.get('berth-time');
  if (serverTime === undefined) return { check: 'clock', ok: true, result: 'the server does not tell' };
  const server = Number(new Date(serverTime));
  const ms = server < sentAt ? server - sentAt : server > receivedAt ? server - receivedAt : 0;
  const ok = Math.abs(ms) < SKEW_MS;
  const result = ms === 0 ? 'no skew' : `the server is ${String(Math.abs(ms))} ms ${ms > 0 ? 'ahead' : 'behind'}`;
  const next = ok ? undefined : 'times are shown by the server; set both clocks (NTP). Leases do not depend on it';
  return { check: 'clock', ok, result, next };
}

function refused(check: string, error: unknown, server: { address: string; addressFrom: string }): Finding {
  const [what = '', ...rest] = tell(error, server).text.split('\n');
  const next = rest
    .join(' ')
    .trim()
    .replace(/^next: /, '');
  return { check, ok: false, result: what.replace(/^berth: /, ''), next };
}
