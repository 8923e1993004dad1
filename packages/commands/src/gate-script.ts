/**
 * What /bin/sh runs in place of a command until it is told to begin: it waits for the word `go` on its standard input, and ends
 * without it, so also when that is closed since everybody who could tell it is gone. What signals do is what they do by default.
 */
const GATE = `read -r berth_word && [ "$berth_word" = go ] || exit 1
unset berth_word
exec </dev/null
`;

/** The shell becomes the command's: with `eval` in place of a shell of its own, lines count from 1 all the same. */
const TEXT = `${GATE}eval "shift;$1"
exit $?`;

/**
 * The shell stays the parent and outlives the signals that end the program: Node takes a death by a signal without a name
 * (32 to 64) for exit code 0. What the shell would say of a signal ("Terminated") is not said.
 */
const PROGRAM = `${GATE}trap : HUP INT QUIT PIPE TERM
exec 3>&2 2>/dev/null
(exec "$@" 2>&3 3>&-)
exit $?`;

/** The arguments of /bin/sh with which it is the gate of a command: of a text for `sh -c`, or of a program with its arguments. */
export function gateArguments(command: string | readonly string[]): readonly string[] {
  return typeof command === 'string' ? ['-c', TEXT, 'sh', command] : ['-c', PROGRAM, 'berth-gate', ...command];
}
