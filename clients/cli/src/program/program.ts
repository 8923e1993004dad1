import { printableLines } from '@berth/views';
import { Command, CommanderError, Option } from 'commander';
import { COMMANDS } from './command-table.js';

const OVERVIEW = `
Settings come from flags, then BERTH_ADDRESS, BERTH_USER, BERTH_ROLE, BERTH_TOKEN, BERTH_TOKEN_FILE, BERTH_CA, BERTH_CERT,
BERTH_KEY, BERTH_LAB and BERTH_OUTPUT, then ./berth.yaml, then ~/.config/berth/config.yaml (keys: address, user, role, token,
tokenFile, ca, cert, key, lab, output). A token in a file stands in no list of processes, and may be replaced.

Exit codes: 0 done, 64 wrong input, 69 no server or bench unavailable, 75 busy or waited in vain, 77 not permitted,
130 interrupted, 1 anything else; \`berth run\` exits with the command's own.

Examples:
  berth run --bench resource1 -- ./flash.sh
  berth run --query 'location=office1&attributes=[a]&entity_properties=[[c],[e]]' --wait 10m -- make test
  berth bench ls
  berth ls -o json`;

/**
 * The program with all its commands by name, and in full those whose name is among `args` (or all of them), so that a
 * call does not load what it does not need.
 */
export async function buildProgram(args: readonly string[], version: string, all = false): Promise<Command> {
  const program = new Command('berth')
    .description('Berth lends scarce things fairly and loses none of them.')
    .version(version, '-V, --version', 'print the version')
    .addOption(
      new Option(
        '--address <host:port>',
        'where the server is (BERTH_ADDRESS; default 127.0.0.1:7070); several with commas between',
      ),
    )
    .addOption(
      new Option(
        '--user <name>',
        'who you are (BERTH_USER; default: who the token or the certificate says, else your user name)',
      ),
    )
    .addOption(new Option('--role <role>', 'viewer, user, operator or admin (BERTH_ROLE)'))
    .addOption(new Option('--token <token>', 'bearer token (BERTH_TOKEN)'))
    .addOption(new Option('--token-file <file>', 'the file that the token is in (BERTH_TOKEN_FILE)'))
    .addOption(new Option('--ca <file>', 'TLS: authorities to trust, as PEM (BERTH_CA)'))
    .addOption(new Option('--cert <file>', 'TLS: your certificate, as PEM (BERTH_CERT)'))
    .addOption(new Option('--key <file>', 'TLS: its key, as PEM (BERTH_KEY)'))
    .addOption(new Option('--lab <name>', 'the lab (BERTH_LAB)'))
    .addOption(new Option('--config <file>', 'read this file instead of ./berth.yaml'))
    .addOption(new Option('-o, --output <format>', 'table, json or yaml; capacity also csv (BERTH_OUTPUT)'))
    .addOption(new Option('-q, --quiet', 'only what was asked for: ids in lists, no notes'))
    .addOption(new Option('--no-color', 'no colours (NO_COLOR)'))
    .addHelpText('after', OVERVIEW)
    .helpCommand('help [command]', 'show the help of a command');
  prepare(program);
  for (const [name, { summary, load }] of Object.entries(COMMANDS)) {
    const command = program.command(name).description(summary);
    prepare(command);
    if (all || args.includes(name)) {
      const { define } = await load();
      define(command);
      command.commands.forEach(prepare);
    }
  }
  return program;
}

/** Errors are thrown, not exited with, and name the help to look at. */
function prepare(command: Command): void {
  command
    .exitOverride()
    .showSuggestionAfterError()
    .showHelpAfterError(`  next: see \`${pathOf(command)} --help\``)
    .configureOutput({
      outputError: (text, write) => {
        const json = text.startsWith("error: unknown option '--json'") ? '  -o json prints JSON\n' : '';
        write(printableLines(text.replace(/^error: /, 'berth: ') + json));
      },
    });
}

function pathOf(command: Command): string {
  return command.parent ? `${pathOf(command.parent)} ${command.name()}` : command.name();
}

/** The exit code that commander's error asks for: wrong input is 64, asking for help is none. */
export function usageExitCode(error: unknown): number | undefined {
  if (!(error instanceof CommanderError)) return undefined;
  return error.exitCode === 0 ? 0 : 64;
}
