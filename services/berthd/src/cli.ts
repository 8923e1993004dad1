import { Command, InvalidArgumentError, Option } from 'commander';
import { systemClock } from '@berth/kernel';
import { createLog, createServerTls, hideSecrets, readTextFile, readTokens, yamlText } from '@berth/server';
import { Document } from 'yaml';
import { accessCommand } from './access-command.js';
import { auditCommand } from './audit-command.js';
import type { BerthdConfig, BerthdFlags } from './config.js';
import { readConfig, ROLES } from './config.js';
import { healthCommand } from './health-command.js';
import { readInventory } from './read-inventory.js';
import { serve } from './serve.js';
import { tokenCommand } from './token-command.js';
import { VERSION } from './version.js';

const EXAMPLES = `
Examples:
  berthd --all                                     every role, SQLite in ./data, on 127.0.0.1:7070
  berthd --inventory examples/inventory.yaml       the same, with benches for an empty lab
  berthd --role lease --redis redis://10.0.0.5     one of several replicas on one Redis
  berthd --redis redis://10.0.0.5 --mongo 'mongodb://10.0.0.6/?replicaSet=rs0'
                                                   every role, one of several replicas
  berthd --config berthd.yaml config validate      checks a configuration and starts nothing
  berthd token new ann --role user                 a token for a caller, and its line for the file of tokens
  berthd health                                    whether it serves, as an exit code
  BERTH_LEASE_BACKFILL=true berthd config print    shows what would be used, and from where it can be set

Each setting may stand in the file, as a variable (lease.backfill is BERTH_LEASE_BACKFILL) and some as a flag; flags win
over variables, those over the file. Exit codes: 0 stopped by a signal, 78 a faulty configuration, 1 anything else.`;

interface ServeFlags extends BerthdFlags {
  readonly hints?: boolean;
}

/** The command line of berthd. Its actions throw BerthError; `main` turns that into text and an exit code. */
export function berthdCommand(): Command {
  const program = withSettings(new Command('berthd'))
    // A command's own --role is not the server's.
    .enablePositionalOptions()
    .description('Serves Berth: lends scarce things fairly and loses none of them.')
    .version(VERSION)
    .option('--hints', 'print what to try next, also when stdout is no terminal')
    .addHelpText('after', EXAMPLES)
    .showHelpAfterError('(berthd --help shows all flags)')
    .action(async (flags: ServeFlags) => {
      const config = readConfig(flags, process.env);
      await serve(config, flags.hints ?? process.stdout.isTTY);
    });
  program.addCommand(configCommand());
  program.addCommand(tokenCommand());
  program.addCommand(accessCommand());
  program.addCommand(auditCommand());
  program.addCommand(healthCommand());
  return program;
}

/** The command with the flags that are settings; they may stand before and after the name of a command. */
function withSettings(command: Command): Command {
  return command
    .addOption(
      new Option('--role <role>', `a role to run (repeat for several): ${ROLES.join(', ')}; default all`).argParser(
        collectRole,
      ),
    )
    .addOption(new Option('--all', 'run every role').conflicts('role'))
    .option('--config <file>', 'a YAML file of settings')
    .option('--data-dir <folder>', 'where the SQLite stores are (default ./data)')
    .option('--listen <host:port>', 'where to serve gRPC (default 127.0.0.1:7070)')
    .option('--http <host:port>', 'where to serve HTTP, or none (default 127.0.0.1:7080 where all roles run)')
    .addOption(new Option('--store <engine>', 'where leases are kept (default sqlite)').choices(['sqlite', 'redis']))
    .option('--redis <url>', 'the Redis server; implies --store redis')
    .option('--mongo <url>', 'the MongoDB replica set that keeps documents (default: SQLite)')
    .option('--pools <file>', 'pools of resources (pools.yaml)')
    .option('--kinds <file>', 'further kinds of records (kinds.yaml)')
    .option('--inventory <file>', 'benches for the default lab, taken only when it has none')
    .option('--insecure', 'allow an address that other machines reach, and believe every caller');
}

function configCommand(): Command {
  const command = new Command('config').description('shows or checks the configuration, and starts nothing');
  withSettings(command.command('print'))
    .description('prints the effective configuration, secrets hidden')
    .addOption(new Option('-o, --output <format>', 'yaml or json').choices(['yaml', 'json']).default('yaml'))
    .action((flags: { output: string }, self: Command) => {
      const config = hideSecrets(readConfig(self.optsWithGlobals(), process.env));
      process.stdout.write(
        flags.output === 'json' ? `${JSON.stringify(config, undefined, 2)}\n` : yamlText(new Document(config)),
      );
    });
  withSettings(command.command('validate'))
    .description('tells every fault of the configuration with its line, and fails with exit code 78 if there is one')
    .action(async (_flags: object, self: Command) => {
      const config = readConfig(self.optsWithGlobals(), process.env);
      if (config.inventory !== undefined) await readInventory(config.inventory);
      checkCredentials(config);
      process.stdout.write('the configuration is good\n');
    });
  return command;
}

/** Throws INVALID_CONFIG for a faulty file of tokens, and for certificates that cannot be used. */
function checkCredentials({ auth, tls }: BerthdConfig): void {
  if (auth.tokens !== undefined) readTokens(readTextFile(auth.tokens, 'the file of tokens'), auth.tokens);
  createServerTls(tls, { clock: systemClock(), logger: createLog({ level: 'silent', format: 'json' }) });
}

function collectRole(role: string, before: readonly string[] | undefined): string[] {
  if (!(ROLES as readonly string[]).includes(role)) throw new InvalidArgumentError(`Allowed: ${ROLES.join(', ')}.`);
  return [...(before ?? []), role];
}
