/**
 * The script of a gate, for /bin/sh: its arguments are the command's time in seconds, its program and that program's arguments.
 *
 * The gate leads the group of all its processes. It waits at descriptor 3 for the word `go`, runs the command, tells its exit
 * code there, and ends what is left of the group, itself included. Two of its processes watch meanwhile: one counts the time,
 * from the start of the gate, and tells `timeout`; the other one sees descriptor 3 close, as it does when the caller wants the
 * command stopped and when the caller was killed. Either gives the group SIGTERM, and SIGKILL 5 s later.
 *
 * The group gets these 5 s as a whole: the gate goes at once only when nothing is left but itself, its children and theirs.
 * A process that has lost its parent belongs to init, so it is none of these. /proc is read by the shell itself; systems without it
 * have ps. What is trapped by \`:\` is the default again for the command, which an ignored signal would not be. Names begin with
 * \`berth_\`, since a variable of the environment that is given a value would reach the command with that value.
 */
export const GATE_SCRIPT = `
trap : HUP INT QUIT PIPE
berth_stopped= berth_word=
trap berth_stopped=yes TERM
exec 4>&2 2>/dev/null

berth_end() {
  kill -s TERM -- "-$$"
  kill -s CONT -- "-$$"
  sleep 5
  kill -s KILL -- "-$$"
}

berth_alone() {
  if [ -r /proc/self/stat ]; then
    for berth_stat in /proc/[0-9]*/stat; do
      read -r berth_line <"$berth_stat" && echo "$berth_stat \${berth_line##*) }"
    done
  else
    exec ps -A -o pid= -o state= -o ppid= -o pgid=
  fi | while read -r berth_pid berth_state berth_parent berth_group berth_rest; do
    case $berth_state:$berth_group in [ZX]*) continue ;; *:$$) ;; *) continue ;; esac
    case $berth_pid in $$ | /proc/$$/stat) continue ;; esac
    case $berth_parent in $$ | "$berth_timer" | "$berth_reader") ;; *) exit 1 ;; esac
  done
}

(
  trap '' HUP PIPE TERM
  PATH=$PATH:/usr/bin:/bin
  sleep "$1"
  echo timeout >&3
  berth_end
) &
berth_timer=$!
shift
read -r berth_word <&3
[ "$berth_stopped$berth_word" = go ] || kill -s KILL -- "-$$"
(
  trap '' HUP PIPE TERM
  PATH=$PATH:/usr/bin:/bin
  read -r berth_word <&3
  berth_end
) &
berth_reader=$!
(exec "$@" 2>&4 3>&- 4>&-)
echo "$?" >&3
PATH=$PATH:/usr/bin:/bin
while [ -n "$berth_stopped" ] && ! berth_alone; do sleep 0.1 || sleep 1; done
kill -s KILL -- "-$$"`;
