/** Patterns of variables that any program may need, and that have no secret in them. */
export const USUAL_VARIABLES = ['PATH', 'HOME', 'LANG', 'LC_*', 'TZ', 'TMPDIR', 'USER', 'LOGNAME', 'SHELL'];

/** The variables of this process that a command gets: those that `pass` names; `*` stands for any letters (`AWS_*`). */
export function commandEnvironment(
  pass: readonly string[],
  all: Readonly<NodeJS.ProcessEnv> = process.env,
): NodeJS.ProcessEnv {
  const patterns = pass.map((name) => name.replace(/[^\w*]/g, String.raw`\$&`).replaceAll('*', '.*'));
  const passed = new RegExp(`^(?:${patterns.join('|')})$`);
  // The names alone cost less than all the values.
  const names = Object.keys(all).filter((name) => passed.test(name));
  return Object.fromEntries(names.map((name) => [name, all[name]]));
}
