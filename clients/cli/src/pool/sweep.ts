import { type Stranger, StrangerVerdict } from '@berth/client';
import { type Column, enumWords, sinceText } from '@berth/views';
import type { Context } from '../program/context.js';

const SWEEP_MS = 3_600_000;

/** Has a pool's cmd_list asked, and shows what it lists that no resource is named. */
export async function sweepPool({ berth, out }: Context, pool: string, dryRun: boolean): Promise<void> {
  // The commands take their time.
  const { strangers, listed } = await berth.pools.sweep({ pool, validateOnly: dryRun }, { timeoutMs: SWEEP_MS });
  await out.list(strangers, {
    columns: columns(dryRun, new Date()),
    view: ({ name, verdict, firstSeenTime, fault }) => ({
      name,
      verdict: StrangerVerdict[verdict],
      firstSeenTime,
      fault: fault || undefined,
    }),
    id: ({ name }) => name,
    empty: `nothing is there that no resource is named (${String(listed)} listed)`,
  });
}

function columns(dryRun: boolean, now: Date): readonly Column<Stranger>[] {
  return [
    { title: 'NAME', text: ({ name }) => name },
    { title: 'SINCE', text: ({ firstSeenTime }) => sinceText(firstSeenTime, now) },
    {
      title: dryRun ? 'WOULD BE' : 'IS',
      text: ({ verdict }) =>
        verdict === StrangerVerdict.DELETED ? 'deleted' : `left: ${enumWords(StrangerVerdict, verdict)}`,
    },
    { title: 'FAULT', text: ({ fault }) => fault },
  ];
}
