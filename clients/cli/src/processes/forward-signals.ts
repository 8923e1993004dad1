import { onTerminal, type RunningCommand } from './child-process.js';
import { Interrupted } from '../program/context.js';
import { startWitness, type Witness } from './signal-witness.js';

const ALWAYS = ['SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2', 'SIGCONT', 'SIGWINCH'] as const;
/** A terminal sends these to the command itself, with its Ctrl-C and Ctrl-\. */
const OF_TERMINALS = ['SIGINT', 'SIGQUIT'] as const;

/**
 * Passes this process's signals to a command until the function that it returns is called; what a terminal sent to both of
 * them is not passed on a second time. With a listener this process outlives the signal, and does what is left to do when
 * the command has ended of it. A signal that came while the command was being started (`interrupted`) is passed on now.
 */
export function forwardSignals(command: Pick<RunningCommand, 'send'>, interrupted: AbortSignal): () => void {
  const witness: Witness | undefined = onTerminal() ? startWitness() : undefined;
  const pass = (signal: NodeJS.Signals): void => {
    command.send(signal);
  };
  const passUnlessShared = (signal: NodeJS.Signals): void => {
    void witness?.sawNothing().then((alone) => {
      if (alone) command.send(signal);
    });
  };
  const listener = witness ? passUnlessShared : pass;
  for (const signal of ALWAYS) process.on(signal, pass);
  for (const signal of OF_TERMINALS) process.on(signal, listener);
  if (interrupted.reason instanceof Interrupted) command.send(interrupted.reason.signal);
  return () => {
    for (const signal of ALWAYS) process.off(signal, pass);
    for (const signal of OF_TERMINALS) process.off(signal, listener);
    witness?.dismiss();
  };
}
