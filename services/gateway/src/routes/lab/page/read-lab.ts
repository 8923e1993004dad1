import type { Bench, Berth, BerthCallOptions } from '@berth/client';
import { benchColumns, leakColumns, poolColumns, queueColumns, spanText, stateText, tableCells } from '@berth/views';
import type { LabPicture, Part, Tone } from './part.js';
import { readPart } from './part.js';

/** A page is for people: what is more than they read is told as a number. */
const MOST = { benches: 1000, queue: 200, pools: 1000, leaks: 100 } as const;

/** A role that is away is told in its place; the page does not wait for it. */
const ONE_TRY: BerthCallOptions = { timeoutMs: 2000, retry: false };

const DEFAULT_LAB = 'default';

/** Reads what a lab has, who holds it, who waits, what makes more of it and what was lost. Throws NO_SUCH_LAB. */
export async function readLab(berth: Berth, lab: string, time: Date): Promise<LabPicture> {
  const parts = await Promise.all([
    readPart('Benches', () => readBenches(berth, lab, time)),
    readPart('Queue', () => readQueue(berth, lab, time)),
    readPart('Pools', () => readPools(berth, lab, time)),
    readPart('Leaks', () => readLeaks(berth, time)),
  ]);
  return { lab: lab === '' ? DEFAULT_LAB : lab, time, parts };
}

type Read = Promise<Omit<Part, 'title'>>;

async function readBenches(berth: Berth, lab: string, now: Date): Read {
  const { benches, nextPageToken } = await berth.inventory.listBenches({ lab, pageSize: MOST.benches }, ONE_TRY);
  if (benches.length === 0) return { summary: 'there are none; apply an inventory (POST /inventory)' };
  const tones = benches.map(toneOf);
  const count = (tone: Tone): string => String(tones.filter((each) => each === tone).length);
  return {
    summary: `${String(benches.length)}: ${count('held')} held, ${count('free')} free, ${count('out')} out of service`,
    cells: tableCells(benches, benchColumns(now)),
    tones,
    ...(nextPageToken !== '' && { more: `only the first ${String(MOST.benches)} by name are shown` }),
  };
}

function toneOf(bench: Bench): Tone {
  if (bench.holder !== '') return 'held';
  return stateText(bench) === 'free' ? 'free' : 'out';
}

async function readQueue(berth: Berth, lab: string, now: Date): Read {
  const { requests, waiting } = await berth.lease.listQueue({ lab, pageSize: MOST.queue }, ONE_TRY);
  if (requests.length === 0) return { summary: 'nobody waits' };
  const left = waiting - requests.length;
  return {
    summary: waiting === 1 ? '1 request waits' : `${String(waiting)} requests wait`,
    cells: tableCells(requests, queueColumns(now)),
    ...(left > 0 && { more: `and ${String(left)} more` }),
  };
}

async function readPools(berth: Berth, lab: string, now: Date): Read {
  const { pools } = await berth.pools.listPools({ pageSize: MOST.pools }, ONE_TRY);
  const here = pools.filter((pool) => pool.lab === (lab === '' ? DEFAULT_LAB : lab));
  if (here.length === 0) return { summary: 'there are none' };
  return { summary: String(here.length), cells: tableCells(here, poolColumns(now)) };
}

async function readLeaks(berth: Berth, now: Date): Read {
  const { leaks, nextPageToken, sweepTime } = await berth.allocations.listLeaks({ pageSize: MOST.leaks }, ONE_TRY);
  if (!sweepTime) return { summary: 'nobody has looked yet' };
  const looked = `looked for ${spanText(now.getTime() - sweepTime.getTime())} ago`;
  if (leaks.length === 0) return { summary: `nothing seems to have leaked that nobody looks after; ${looked}` };
  const more = nextPageToken === '' ? '' : ' and more';
  return { summary: `${String(leaks.length)}${more}; ${looked}`, cells: tableCells(leaks, leakColumns(now)) };
}
