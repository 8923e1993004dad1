/** What completion needs to know of a command. */
export interface CompletionNode {
  readonly name: string;
  readonly summary: string;
  readonly flags: readonly { readonly name: string; readonly summary: string; readonly takesValue: boolean }[];
  readonly commands: readonly CompletionNode[];
}

const BENCHES = 'berth bench ls -q 2>/dev/null';
const BOOKINGS = 'berth book ls -q 2>/dev/null';
const CLUSTERS = 'berth cluster ls -q 2>/dev/null';
const KINDS = 'berth kinds -q 2>/dev/null';
const POOLS = 'berth pool ls -q 2>/dev/null';
const TEMPLATES = 'berth template ls -q 2>/dev/null';

/** Commands whose arguments the server knows, by the command that lists them. A lease may be named by its bench. */
const TAKES: Readonly<Record<string, readonly string[]>> = {
  [BENCHES]: [
    ...['release', 'renew', 'extend', 'revoke', 'transfer', 'check-token'],
    ...['bench show', 'bench update', 'bench delete', 'maintenance on', 'maintenance off'],
  ],
  'berth queue -q 2>/dev/null': ['cancel', 'priority'],
  'berth ticket-list -q 2>/dev/null': ['ticket-check', 'ticket-wait', 'ticket-close'],
  'berth resource-list -q 2>/dev/null': ['resource-info', 'resource-delete', 'resource-logs'],
  'berth pool leaks -q 2>/dev/null': ['pool retry', 'pool forget'],
  [POOLS]: ['pool show', 'pool pause', 'pool drain', 'pool evacuate', 'pool resume', 'pool sweep'],
  [BOOKINGS]: ['book show', 'book extend', 'book cancel', 'book confirm', 'book checkin'],
  [CLUSTERS]: ['capacity', 'cluster show', 'cluster sizes', 'cluster update', 'cluster resize', 'cluster delete'],
  'berth grant ls -q 2>/dev/null': ['grant show', 'grant update', 'grant delete'],
  [TEMPLATES]: ['template ls', 'template hide'],
  [KINDS]: ['kinds'],
};
/** Flags whose value the server knows. */
const VALUES: Readonly<Record<string, string>> = {
  '--bench': BENCHES,
  '--booking': BOOKINGS,
  '--cluster': CLUSTERS,
  '--pool': POOLS,
  '--template': TEMPLATES,
};
const TAKES_FILE = ['inventory validate', 'inventory apply', 'pool validate', 'pool apply'];
const FILE_FLAGS = ['--config', '--file', '--token-file', '--ca', '--cert', '--key'];

interface Flat {
  readonly path: string;
  readonly node: CompletionNode;
}

function flatten(node: CompletionNode, path = ''): Flat[] {
  const own = { path, node };
  return [own, ...node.commands.flatMap((child) => flatten(child, path === '' ? child.name : `${path} ${child.name}`))];
}

function words(node: CompletionNode, root: CompletionNode): string {
  const flags = node === root ? node.flags : [...node.flags, ...root.flags];
  return [...node.commands.map(({ name }) => name), ...flags.map(({ name }) => name), '--help'].join(' ');
}

/** For bash: one function that knows the words of each command, and asks the server for names. */
export function bashScript(root: CompletionNode): string {
  const cases = flatten(root).map(({ path, node }) => `    '${path}') words='${words(node, root)}' ;;`);
  const takes = Object.entries(TAKES).map(
    ([list, commands]) => `    ${commands.map((path) => `'${path}'`).join('|')})
      [ "\${cur#-}" = "$cur" ] && words="$(${list})" ;;`,
  );
  const values = Object.entries(VALUES).map(
    ([flag, list]) => `    ${flag}) COMPREPLY=($(compgen -W "$(${list})" -- "$cur")); return ;;`,
  );
  const paths = flatten(root).flatMap(({ path }) => (path === '' ? [] : [`'${path}'`]));
  return `# berth completion for bash
_berth() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} path='' word next words=''
  COMPREPLY=()
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    [ "$word" = -- ] && { compopt -o default; return; }
    next="\${path:+$path }$word"
    case " ${paths.join(' ')} " in *" '$next' "*) path=$next ;; esac
  done
  case "$prev" in
${values.join('\n')}
    ${FILE_FLAGS.join('|')}) compopt -o default; return ;;
    -o|--output) COMPREPLY=($(compgen -W 'table json yaml' -- "$cur")); return ;;
  esac
  case "$path" in
${cases.join('\n')}
  esac
  case "$path" in
    ${TAKES_FILE.map((path) => `'${path}'`).join('|')}) compopt -o default ;;
${takes.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -F _berth berth
`;
}

/** For zsh: through its emulation of bash's completion, so that there is one list of words. */
export function zshScript(root: CompletionNode): string {
  return `#compdef berth
autoload -U +X bashcompinit && bashcompinit
compopt() { :; }
${bashScript(root)}`;
}

/** For fish: one line a command and flag, with its summary. */
export function fishScript(root: CompletionNode): string {
  const lines = ['# berth completion for fish', 'complete -c berth -f'];
  for (const { path, node } of flatten(root)) {
    const seen = path.split(' ').filter(Boolean);
    const names = node.commands.map(({ name }) => name).join(' ');
    const at =
      seen.length === 0
        ? '__fish_use_subcommand'
        : [
            ...seen.map((name) => `__fish_seen_subcommand_from ${name}`),
            ...(names ? [`not __fish_seen_subcommand_from ${names}`] : []),
          ].join('; and ');
    for (const child of node.commands)
      lines.push(`complete -c berth -n '${at}' -a ${child.name} -d ${quoted(child.summary)}`);
    const flagsAt =
      node === root ? '' : ` -n '${seen.map((name) => `__fish_seen_subcommand_from ${name}`).join('; and ')}'`;
    for (const { name, summary, takesValue } of node.flags) {
      const list = VALUES[name];
      const value = list === undefined ? (FILE_FLAGS.includes(name) ? ' -F' : '') : ` -a '(${list})'`;
      lines.push(
        `complete -c berth${flagsAt} -l ${name.slice(2)}${takesValue ? ' -r' : ''} -d ${quoted(summary)}${value}`,
      );
    }
    const list = Object.entries(TAKES).find(([, commands]) => commands.includes(path))?.[0];
    if (list !== undefined) lines.push(`complete -c berth -n '${at}' -a '(${list})'`);
    if (TAKES_FILE.includes(path)) lines.push(`complete -c berth -n '${at}' -F`);
  }
  return `${lines.join('\n')}\n`;
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
