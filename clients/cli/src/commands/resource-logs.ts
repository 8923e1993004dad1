import type { CommandRun } from '@berth/client';
import type { Command } from 'commander';
import { type Context, perform } from '../program/context.js';
import { commandName, runView } from '../pool/resource-view.js';

const HELP = `
Follows what the commands write until the resources have ended, as tail -F does.

Examples:
  berth resource-logs 2
  berth resource-logs 2 3 --no-follow`;

/** `berth resource-logs`: what the commands of resources wrote and write. */
export function define(command: Command): void {
  command
    .argument('<resources...>', 'their numbers or names')
    .option('--no-follow', 'only what there is now')
    .addHelpText('after', HELP)
    .action((names: readonly string[], { follow }: { readonly follow: boolean }, self: Command) =>
      perform(self, async (context) => {
        const log = new Log(context);
        await Promise.all(names.map((name) => log.copy(name, follow)));
      }),
    );
}

/** Copies logs to stdout, with a line that says whose text follows. */
class Log {
  #last = '';

  constructor(private readonly context: Context) {}

  async copy(name: string, follow: boolean): Promise<void> {
    const { berth, out, interrupted } = this.context;
    let run: CommandRun | undefined;
    for await (const message of berth.pools.streamLog({ name, follow }, { signal: interrupted })) {
      run = message.run ?? run;
      if (out.config.output !== 'table') {
        const value = { resource: name, run: message.run && runView(message.run), text: message.text.toString() };
        await out.item({ ...value, ...(message.leftOut && { leftOut: true }) }, '');
        continue;
      }
      if (message.text.length === 0 && !message.leftOut) continue;
      this.#head(`${name} ${run ? commandName(run.kind) : ''} ${run ? String(run.attempt) : ''}`.trim());
      if (message.leftOut) process.stdout.write('… (the part before was not kept)\n');
      process.stdout.write(process.stdout.isTTY ? shown(message.text) : message.text);
    }
  }

  #head(of: string): void {
    if (of === this.#last) return;
    process.stdout.write(`${this.#last === '' ? '' : '\n'}==> ${of} <==\n`);
    this.#last = of;
  }
}

/** Text for a terminal: nothing in it moves the cursor. */
function shown(text: Buffer): string {
  return text.toString().replace(/[^\P{Cc}\n\t]/gu, '�');
}
