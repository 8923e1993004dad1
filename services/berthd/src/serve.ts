import { createLog, endOnSignals, formatListenAddress, parseFailpoints } from '@berth/server';
import type { BerthdConfig } from './config.js';
import { hints } from './hints.js';
import { startBerthd } from './start-berthd.js';

/** Serves until a signal comes. Throws BerthError when it cannot start. */
export async function serve(config: BerthdConfig, showHints: boolean): Promise<void> {
  const log = createLog(config.log);
  const failpoints = [...parseFailpoints(process.env['BERTH_FAILPOINT'] ?? '').keys()];
  if (failpoints.length > 0) log.warn({ failpoints }, 'failpoints are armed: this process fails on purpose');
  const starting = startBerthd(config, log);
  endOnSignals(async () => {
    // A signal during the start waits for the start, so that nothing is left half open.
    const berthd = await starting.catch(() => undefined);
    await berthd?.stop();
  }, log);
  const { address, http } = await starting;
  const { roles, store } = config;
  log.info(
    { listen: formatListenAddress(address), ...(http !== undefined && { http }), roles, store, pid: process.pid },
    'serving',
  );
  if (showHints) process.stdout.write(hints(address, http, config));
}
