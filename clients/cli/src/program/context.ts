import { type Berth, connect, tlsFromFiles, tokenFromFile, type TokenSource } from '@berth/client';
import type { Command } from 'commander';
import { type Config, type GlobalFlags, loadConfig } from './config.js';
import { tell } from './errors.js';
import { EXIT } from './exit-code.js';
import { Output, wantsColor } from '../output/output.js';
import { UsageError } from './usage-error.js';

/** What a command works with. */
export interface Context {
  readonly config: Config;
  readonly out: Output;
  readonly berth: Berth;
  /** Aborts at the first SIGINT, SIGTERM or SIGHUP. */
  readonly interrupted: AbortSignal;
}

const UNARY_TIMEOUT_MS = 20_000;

/**
 * Runs a command's work with a connection, and ends the process with its exit code (default 0). Errors are told on
 * stderr: as text, or as one JSON object with `-o json`. Only commands that say so write CSV.
 */
export async function perform(
  command: Command,
  work: (context: Context) => Promise<unknown>,
  { csv = false } = {},
): Promise<void> {
  const flags = command.optsWithGlobals<GlobalFlags & { color: boolean }>();
  const interrupt = new AbortController();
  const stop = (signal: NodeJS.Signals): void => {
    interrupt.abort(new Interrupted(signal));
  };
  let config: Config | undefined;
  let berth: Berth | undefined;
  try {
    config = await loadConfig(flags);
    if (config.output === 'csv' && !csv)
      throw new UsageError('only `berth capacity` writes csv', 'use -o json or -o yaml');
    berth = open(config);
    const out = new Output(config, wantsColor(process.stdout, flags.color));
    for (const signal of SIGNALS) process.once(signal, stop);
    const code = await work({ config, out, berth, interrupted: interrupt.signal });
    process.exitCode = typeof code === 'number' ? code : EXIT.OK;
  } catch (error) {
    process.exitCode = report(error, config, flags.output);
  } finally {
    for (const signal of SIGNALS) process.off(signal, stop);
    berth?.close();
  }
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** The reason of `Context.interrupted`. */
export class Interrupted extends Error {
  constructor(readonly signal: NodeJS.Signals) {
    super(`interrupted by ${signal}`);
  }
}

function report(error: unknown, config: Config | undefined, output: string | undefined): number {
  if (error instanceof Interrupted) return EXIT.INTERRUPTED;
  const server = { address: config?.address ?? '', addressFrom: config?.addressFrom ?? '' };
  const told = tell(error, server);
  const json = (config?.output ?? output) === 'json';
  process.stderr.write(json ? `${JSON.stringify({ error: told.value })}\n` : `${told.text}\n`);
  return told.exitCode;
}

/** A client for an address (default: that of the settings). Throws `UsageError` for settings that cannot be used. */
export function open(config: Config, address: string = config.address): Berth {
  const { user, role, lab } = config;
  try {
    const token = config.token ?? tokenSource(config);
    const tls = tlsFromFiles(config);
    return connect({
      address,
      timeoutMs: UNARY_TIMEOUT_MS,
      ...(user !== undefined && { user }),
      ...(role !== undefined && { role }),
      ...(token !== undefined && { token }),
      ...(tls !== undefined && { tls }),
      ...(lab !== undefined && { lab }),
    });
  } catch (error) {
    throw error instanceof TypeError ? new UsageError(error.message) : error;
  }
}

/** The token of a file, which is read again when a token is refused, and for each connection. */
function tokenSource({ tokenFile }: Config): TokenSource | undefined {
  const read = tokenFromFile(tokenFile);
  if (read === undefined) return undefined;
  return async () => {
    try {
      return await read();
    } catch (error) {
      throw new UsageError(error instanceof Error ? error.message : String(error), 'check --token-file');
    }
  };
}
