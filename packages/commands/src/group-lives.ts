/**
 * Whether a process of a group lives. On Linux those do not count that have ended and that nobody has looked after yet: an init may
 * take its time, or not do it at all. Uses nothing but what is within it, since a supervisor is given it as text.
 */
export function groupLives(pid: number): boolean {
  try {
    process.kill(-pid, 0);
    if (process.platform !== 'linux') return true;
  } catch {
    return false;
  }
  const { readdirSync, readFileSync } = process.getBuiltinModule('node:fs');
  return readdirSync('/proc').some((name) => {
    try {
      // The name before the state may have any character in it.
      const stat = /^\d+$/.test(name) ? readFileSync(`/proc/${name}/stat`, 'utf8') : '';
      const [state = '', , group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return group === String(pid) && !/^[ZX]/.test(state);
    } catch {
      return false;
    }
  });
}
