import { onTerminal, type RunningCommand } from './child-process.js';

/**
 * Passes this process's signals to a command until the function that it returns is called. A terminal sends its Ctrl-C and
 * Ctrl-\\ to the command itself.
 */
export function forwardSignals(command: RunningCommand): () => void {
  const always = ['SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2', 'SIGCONT', 'SIGWINCH'] as const;
  const elsewhere = ['SIGINT', 'SIGQUIT'] as const;
  const terminal = onTerminal();
  const pass = (signal: NodeJS.Signals): void => {
    command.send(signal);
  };
  // With a listener this process outlives the signal, and does what is left to do when the command has ended of it.
  const stay = (): void => undefined;
  for (const signal of always) process.on(signal, pass);
  for (const signal of elsewhere) process.on(signal, terminal ? stay : pass);
  return () => {
    for (const signal of always) process.off(signal, pass);
    for (const signal of elsewhere) process.off(signal, terminal ? stay : pass);
  };
}
