import { appendFileSync, existsSync } from 'node:fs';
import { basename } from 'node:path';
import { Command, Option } from 'commander';
import type { Role } from '@berth/server';
import { newToken, readTextFile, readTokens, ROLES } from '@berth/server';

interface NewFlags {
  readonly role?: Role;
  readonly team?: string;
  readonly bench?: string[];
  readonly expires?: string;
  readonly append?: string;
}

const EXAMPLES = `
Examples:
  berthd token new ann --role operator --team tools       prints a token, and its line for the file of tokens
  berthd token new ci --append tokens.yaml > ci.token     adds the line to the file, and prints the token alone
  berthd token new pi4 --bench bench4                     for a service on bench4, which may say where it is reached`;

/** `berthd token`: makes tokens. Its actions throw BerthError. */
export function tokenCommand(): Command {
  const command = new Command('token').description('makes tokens for callers (the setting auth.tokens)');
  command
    .command('new <name>')
    .description('makes a token; it is shown once, and the file has only its SHA-256')
    .addOption(new Option('--role <role>', 'default user; viewer with --bench').choices(ROLES))
    .option('--team <team>', 'the team of the caller')
    .option('--bench <bench>', 'limits it to this bench (repeat for several)', (bench, before: string[] = []) => [
      ...before,
      bench,
    ])
    .option('--expires <time>', 'a date or a time (2030-01-31, 2030-01-31T12:00:00Z); default: never')
    .option('--append <file>', 'adds the line to this file, and prints the token alone')
    .addHelpText('after', EXAMPLES)
    .action((name: string, flags: NewFlags) => {
      const { bench: benches, role = benches === undefined ? 'user' : 'viewer', team, expires, append } = flags;
      const { token, line } = newToken({ name, role, team, expires, benches });
      if (append === undefined) {
        readTokens(line, 'the token');
        process.stdout.write(
          `${token}\n\nIt is shown only now. Its line for the file that auth.tokens names:\n${line}\n`,
        );
      } else {
        addLine(append, line);
        process.stdout.write(`${token}\n`);
      }
    });
  return command;
}

/** Adds a line to a file of tokens; makes the file where there is none. Throws INVALID_CONFIG, and changes nothing then. */
function addLine(file: string, line: string): void {
  const before = existsSync(file) ? readTextFile(file, 'the file of tokens') : '';
  const added = `${before === '' || before.endsWith('\n') ? '' : '\n'}${line}\n`;
  readTokens(before + added, basename(file));
  appendFileSync(file, added, { mode: 0o600 });
}
