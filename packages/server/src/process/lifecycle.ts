import type { Logger } from 'pino';

/** A part of a process that is started and stopped. */
export interface Part {
  readonly name: string;
  readonly start: () => Promise<void>;
  /** Called once, also while other parts fail; must end in bounded time. */
  readonly stop: () => Promise<void>;
}

/** Parts that run. */
export interface Running {
  /** Stops the parts in reverse order; what fails is logged and the rest goes on. The same promise each time. */
  readonly stop: () => Promise<void>;
}

/** Starts parts in order. When one fails, those before it are stopped and its error is thrown. */
export async function startParts(parts: readonly Part[], log: Logger): Promise<Running> {
  const started: Part[] = [];
  let stopped: Promise<void> | undefined;
  const stop = (): Promise<void> => (stopped ??= stopParts(started, log));
  for (const part of parts) {
    try {
      await part.start();
    } catch (error) {
      await stop();
      throw error;
    }
    started.push(part);
    log.debug({ part: part.name }, 'started');
  }
  return { stop };
}

async function stopParts(parts: readonly Part[], log: Logger): Promise<void> {
  for (const part of [...parts].reverse()) {
    try {
      await part.stop();
      log.debug({ part: part.name }, 'stopped');
    } catch (error) {
      log.error({ part: part.name, err: error }, 'could not be stopped cleanly');
    }
  }
}

const SIGNAL_NUMBER = { SIGINT: 2, SIGTERM: 15 } as const;

/**
 * Stops the process well at the first SIGTERM or SIGINT (exit code 0) and at once at the second (128 + signal). An
 * exception or rejection that nobody caught is logged and ends the process with code 1: its state cannot be trusted.
 */
export function endOnSignals(stop: () => Promise<void>, log: Logger): void {
  let stopping = false;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (stopping) process.exit(128 + SIGNAL_NUMBER[signal]);
      stopping = true;
      log.info({ signal }, 'stopping; the same signal again ends it at once');
      void stop().then(() => process.exit(0));
    });
  }
  endOnUncaught(log);
}

function endOnUncaught(log: Logger): void {
  process.on('uncaughtException', (error) => {
    log.fatal({ err: error }, 'an exception that nobody caught');
    process.exit(1);
  });
  process.on('unhandledRejection', (reason) => {
    log.fatal({ err: reason }, 'a rejection that nobody handled');
    process.exit(1);
  });
}
