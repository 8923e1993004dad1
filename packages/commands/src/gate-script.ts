/** The longest word that Linux hands to a program. */
const MOST_WORD_BYTES = 131_071;
/** Variables that a shell hands on as they are: others have names that it drops, or belong to the shell itself. */
const HANDED_ON = /^(?!(?:BASH\w*|E?UID|GROUPS|IFS|LINENO|OPTIND|PPID|PS\d|SECONDS|SHELLOPTS)$)[A-Za-z_]\w*$/;

/**
 * The word to a gate: a script for the shell that waits for it at its standard input, which runs a text, or a program with its
 * arguments, with these variables and no input. Throws for what no shell can take.
 */
export function gateScript(command: string | readonly string[], env: Readonly<NodeJS.ProcessEnv>): string {
  const variables = Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const exported = variables
    .filter(([name]) => HANDED_ON.test(name))
    .map(([name, value]) => `${name}=${quoted(value)}`);
  const carried = variables.filter(([name]) => !HANDED_ON.test(name)).map((entry) => entry.join('='));
  const isText = typeof command === 'string';
  const words = [...(carried.length > 0 ? ['env', ...carried] : []), ...(isText ? ['sh', '-c', command] : command)];
  const run = isText && carried.length === 0 ? `eval ${quoted(command)} </dev/null` : programScript(words);
  const script = [...(exported.length > 0 ? [`export ${exported.join(' ')}`] : []), `${run}; exit $?`, ''].join('\n');
  if (script.includes('\0')) throw new Error('EINVAL: a command or one of its variables has a NUL character');
  return script;
}

/**
 * The shell stays the parent of a program: Node takes a death by a signal without a name (32 to 64) for exit code 0. It outlives
 * the signals that end the program, and does not say ("Terminated") what it sees of them.
 */
function programScript(words: readonly string[]): string {
  if (words.some((word) => Buffer.byteLength(word) > MOST_WORD_BYTES)) {
    throw new Error(`E2BIG: an argument of the command has more than ${MOST_WORD_BYTES} bytes`);
  }
  return `trap : HUP INT QUIT PIPE TERM
exec 3>&2 2>/dev/null
(exec ${words.map(quoted).join(' ')} 2>&3 3>&-) </dev/null`;
}

/** A word of a shell that stands for just this text. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
