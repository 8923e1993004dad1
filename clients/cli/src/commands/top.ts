import { benchColumns, benchView, queueColumns, requestView, stateText, tableText } from '@berth/views';
import type { Command } from 'commander';
import { type Context, perform } from '../program/context.js';
import { LabState } from '../lab-state.js';
import { allBenches, allRequests } from '../program/paging.js';

const EXAMPLES = `
Ends with Ctrl-C or q. Where stdout is no terminal it prints once.

Examples:
  berth top
  berth top -o json`;

const REDRAW_MS = 1000;

/** `berth top`: the lab, live. */
export function define(command: Command): void {
  command.addHelpText('after', EXAMPLES).action((_flags: object, self: Command) =>
    perform(self, async (context) => {
      if (process.stdout.isTTY && context.config.output === 'table') await live(context);
      else await once(context);
    }),
  );
}

async function once({ berth, out }: Context): Promise<void> {
  const [benches, requests] = await Promise.all([allBenches(berth), allRequests(berth)]);
  const value = { benches: benches.map(benchView), requests: requests.map(requestView) };
  await out.one(value, screen({ benches, requests }, { color: false, width: Infinity }));
}

async function live({ berth, out, interrupted }: Context): Promise<void> {
  const state = new LabState();
  const quit = new AbortController();
  const { stdin, stdout } = process;
  const style = (): { color: boolean; width: number } => ({ color: out.color, width: out.width });
  function draw(): void {
    const lines = screen(state, style())
      .split('\n')
      .slice(0, stdout.rows - 1);
    stdout.write(`\u001b[H${lines.map((line) => `${line}\u001b[K\n`).join('')}\u001b[J`);
  }
  const key = (pressed: Buffer): void => {
    // In raw mode Ctrl-C comes as a character.
    if (['q', '\u0003'].includes(pressed.toString())) quit.abort();
  };
  stdout.write('\u001b[?1049h\u001b[?25l');
  if (stdin.isTTY) {
    stdin.setRawMode(true);
    stdin.on('data', key);
  }
  const timer = setInterval(draw, REDRAW_MS);
  let scheduled: NodeJS.Timeout | undefined;
  try {
    for await (const message of berth.watch({ signal: AbortSignal.any([interrupted, quit.signal]) })) {
      state.apply(message);
      // Many changes at once make one picture.
      scheduled ??= setTimeout(() => {
        scheduled = undefined;
        draw();
      }, 50);
    }
  } finally {
    clearInterval(timer);
    clearTimeout(scheduled);
    if (stdin.isTTY) {
      stdin.setRawMode(false);
      stdin.off('data', key).pause();
    }
    stdout.write('\u001b[?25h\u001b[?1049l');
  }
}

function screen(
  { benches, requests }: Pick<LabState, 'benches' | 'requests'>,
  style: { color: boolean; width: number },
): string {
  const now = new Date();
  const held = benches.filter(({ holder }) => holder !== '').length;
  const free = benches.filter((bench) => stateText(bench) === 'free').length;
  const head = `${benches.length} benches: ${held} held, ${free} free, ${benches.length - held - free} out of service; ${requests.length} waiting`;
  return [
    head,
    '',
    benches.length > 0 ? tableText(benches, benchColumns(now), style) : 'there are no benches',
    '',
    requests.length > 0 ? tableText(requests, queueColumns(now), style) : 'nobody waits',
  ].join('\n');
}
