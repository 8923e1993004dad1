import { BerthError } from '@berth/kernel';
import type { ToldHealth } from '@berth/server';
import { askGrpcHealth, askHttpHealth, ownAddress, parseListenAddress } from '@berth/server';
import { Command, InvalidArgumentError, Option } from 'commander';
import type { BerthdConfig, BerthdFlags } from './config.js';
import { NO_HTTP, readConfig } from './config.js';

interface HealthFlags extends BerthdFlags {
  readonly address?: string;
  readonly service: string;
  readonly timeout: number;
  readonly output: 'text' | 'json';
}

const EXAMPLES = `
Asks a berthd whether it serves; without --address and --http the one that this configuration starts. Prints one line. Exit
code 0: it serves, 1: it does not, or does not answer.

Examples:
  berthd health                                      the process with the defaults, as a health check of its container
  berthd --config berthd.yaml health                 the one that this file starts
  berthd health --address lease1:7070 --service berth.lease.v1.LeaseService
  berthd health --http https://gateway:7080 -o json  by /readyz`;

const TIMEOUT_MS = 5000;

/** `berthd health`: tells whether a berthd serves, for health checks. Throws BerthError for faulty settings. */
export function healthCommand(): Command {
  return new Command('health')
    .description('tells whether a berthd serves, by its exit code')
    .option('--config <file>', 'a YAML file of settings: where the process listens')
    .addOption(new Option('--address <host:port>', 'asks here over gRPC').conflicts('http'))
    .option('--http <url>', 'asks here over HTTP (HOST:PORT, or a URL with http or https)')
    .option('--service <name>', 'about one service, by its full name', '')
    .addOption(new Option('--timeout <ms>', 'how long it may take').argParser(milliseconds).default(TIMEOUT_MS))
    .addOption(new Option('-o, --output <format>', 'text or json').choices(['text', 'json']).default('text'))
    .addHelpText('after', EXAMPLES)
    .action(async (_flags: object, self: Command) => {
      const { address, http, ...flags } = self.optsWithGlobals<HealthFlags>();
      const asked = whom(address, http, () => readConfig(flags, process.env));
      const told = await ask(asked, flags);
      process.stdout.write(
        flags.output === 'json' ? json(asked, flags.service, told) : text(asked, flags.service, told),
      );
      process.exitCode = told.status === 'SERVING' ? 0 : 1;
    });
}

interface Asked {
  readonly by: 'grpc' | 'http';
  /** `host:port`, or a URL. */
  readonly where: string;
  readonly secure: boolean;
}

/** Whom to ask: the one that is named, or the one that the configuration starts. Throws INVALID_CONFIG. */
function whom(address: string | undefined, http: string | undefined, config: () => BerthdConfig): Asked {
  if (http !== undefined) return httpServer(http, () => config().tls.cert !== undefined);
  if (address !== undefined) {
    const [, scheme, where = address] = /^(https?):\/\/(.*?)\/?$/.exec(address) ?? [];
    return { by: 'grpc', where, secure: scheme === undefined ? config().tls.cert !== undefined : scheme === 'https' };
  }
  const { listen, tls } = config();
  const own = parseListenAddress(listen);
  if (own.port !== 0) return { by: 'grpc', where: ownAddress(own), secure: tls.cert !== undefined };
  const why = 'listen: port 0 is a free port, which only the process itself knows; say it with --address HOST:PORT';
  throw new BerthError('INVALID_CONFIG', why, { fields: [{ field: 'listen', description: 'has port 0' }] });
}

function httpServer(given: string, isSecure: () => boolean): Asked {
  const hasScheme = /^https?:\/\//.test(given);
  const where = hasScheme ? given : `${isSecure() ? 'https' : 'http'}://${given}`;
  if (given !== NO_HTTP && URL.canParse(where)) return { by: 'http', where, secure: where.startsWith('https:') };
  throw new BerthError('INVALID_CONFIG', `--http: "${given}" is no address; write HOST:PORT or http://HOST:PORT`, {
    fields: [{ field: 'http', description: 'must be HOST:PORT or a URL' }],
  });
}

function ask({ by, where, secure }: Asked, { service, timeout }: Pick<HealthFlags, 'service' | 'timeout'>) {
  return (by === 'grpc' ? askGrpcHealth : askHttpHealth)(where, { service, timeoutMs: timeout, secure });
}

function text({ where }: Asked, service: string, { status, version, troubles, why }: ToldHealth): string {
  const of = `${service === '' ? '' : `${service} at `}${where}`;
  const what = why ?? troubles.map(({ part, why: cause, since }) => `${part}: ${cause} (since ${since})`).join('; ');
  const tail = what === '' ? (version === undefined ? '' : ` (${version})`) : `: ${what}`;
  return `${status} ${of}${tail}`.replaceAll('\n', ' ') + '\n';
}

function json({ where }: Asked, service: string, told: ToldHealth): string {
  return `${JSON.stringify({ address: where, ...(service !== '' && { service }), ...told })}\n`;
}

function milliseconds(given: string): number {
  const ms = Number(given);
  if (Number.isInteger(ms) && ms > 0) return ms;
  throw new InvalidArgumentError('Write milliseconds, for example 2000.');
}
