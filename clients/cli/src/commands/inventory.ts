import type { ApplyInventoryResponse, Berth } from '@berth/client';
import type { Command } from 'commander';
import { writeFileSync } from 'node:fs';
import { perform } from '../program/context.js';
import type { Output } from '../output/output.js';
import { readInput } from '../program/read-input.js';

const EXAMPLES = `
The server checks the file by the rules that it applies, so validate needs a server too.

Examples:
  berth inventory validate examples/inventory.yaml
  berth inventory apply lab.yaml --prune
  berth inventory export --validate-schema > lab.yaml
  cat lab.yaml | berth inventory apply -`;

interface ApplyFlags {
  readonly prune?: boolean;
  readonly force?: boolean;
  readonly dryRun?: boolean;
}

interface ExportFlags {
  readonly includePools?: boolean;
  readonly validateSchema?: boolean;
  readonly file?: string;
}

/** `berth inventory`: a lab as a file. */
export function define(command: Command): void {
  command.addHelpText('after', EXAMPLES);
  command
    .command('validate <file>')
    .description('check a file and tell what it would change; changes nothing')
    .option('--prune', 'as if benches that it does not name were removed')
    .action((file: string, flags: ApplyFlags, self: Command) =>
      perform(self, async ({ berth, out }) => {
        const inventory = { $case: 'yaml', value: readInput(file, 'an inventory file') } as const;
        const answer = await berth.inventory.applyInventory({
          inventory,
          validateOnly: true,
          prune: flags.prune ?? false,
        });
        await show(out, answer, `${file} is valid; applying it would `, WOULD);
      }),
    );
  command
    .command('apply <file>')
    .description("make the lab's inventory be as a file says, all of it or nothing")
    .option('--prune', 'also remove benches that the file does not name')
    .option('--force', 'with --prune: also those that waiting requests have no replacement for')
    .option('--dry-run', 'only tell what would change')
    .action((file: string, { prune = false, force = false, dryRun = false }: ApplyFlags, self: Command) =>
      perform(self, async ({ berth, out }) => {
        const inventory = { $case: 'yaml', value: readInput(file, 'an inventory file') } as const;
        const answer = await berth.inventory.applyInventory({ inventory, prune, force, validateOnly: dryRun });
        await (dryRun ? show(out, answer, 'this would ', WOULD) : show(out, answer, '', DID));
      }),
    );
  command
    .command('export')
    .description('write the inventory as a file that apply takes')
    .option('--file <file>', 'write to this file instead of stdout')
    .option('--include-pools', 'also benches that pools supplied')
    .option('--validate-schema', 'have the server check the result before it is written')
    .action((flags: ExportFlags, self: Command) =>
      perform(self, async ({ berth, out }) => {
        const { yaml, revision } = await exported(berth, flags.includePools ?? false);
        if (flags.validateSchema) {
          await berth.inventory.applyInventory({ inventory: { $case: 'yaml', value: yaml }, validateOnly: true });
        }
        if (flags.file !== undefined) writeFileSync(flags.file, yaml);
        else if (out.config.output === 'json') await out.one({ yaml, revision }, '');
        else process.stdout.write(yaml);
      }),
    );
}

/** What changes, in the words for what would be done and for what is done. */
const WOULD = {
  created: 'create',
  updated: 'update',
  removed: 'remove',
  unchanged: 'leave',
  nothing: 'change nothing',
};
const DID = {
  created: 'created',
  updated: 'updated',
  removed: 'removed',
  unchanged: 'left',
  nothing: 'changed nothing',
};

/** The whole file, put together from its parts. */
async function exported(berth: Berth, includePools: boolean): Promise<{ yaml: string; revision: number }> {
  let yaml = '';
  for (let pageToken = ''; ;) {
    const part = await berth.inventory.exportInventory({ includePools, pageSize: 1000, pageToken });
    yaml += part.yaml;
    pageToken = part.nextPageToken;
    if (pageToken === '') return { yaml, revision: part.revision };
  }
}

async function show(out: Output, answer: ApplyInventoryResponse, lead: string, words: typeof WOULD): Promise<void> {
  const { created, updated, removed, unchanged, leftOut, revision } = answer;
  const changes = { created, updated, removed, unchanged };
  const parts = (['created', 'updated', 'removed', 'unchanged'] as const).filter((kind) => changes[kind].length > 0);
  const texts = parts.map((kind, i) => {
    const names = changes[kind];
    // The first says what is counted.
    const count = `${String(names.length)}${i > 0 ? '' : names.length === 1 ? ' bench' : ' benches'}`;
    return `${words[kind]} ${count} ${kind === 'unchanged' ? 'unchanged' : `(${names.join(', ')})`}`;
  });
  if (leftOut > 0) texts.push(`${String(leftOut)} more are not named`);
  const text = `${lead}${texts.length > 0 ? texts.join(', ') : words.nothing}`;
  await out.one({ ...changes, ...(leftOut > 0 && { leftOut }), revision }, text);
}
