/**
 * What a guard runs in /bin/sh, with four arguments: the command's first process, its group (or `none`), what stands in the
 * environment of its processes only (or nothing), and a file that is of no use after it (or nothing). `read` gives a line when
 * the wrapper says something, and end-of-file when the wrapper is gone, however it went.
 *
 * The tree is what is in the group, descends from the first process or from what was in the tree before, or has the mark: a
 * process that ignores SIGTERM stays in sight when its parents are gone. A process is known by its number and its start, so a
 * number that is used again is another process. /proc is read by the shell itself; systems without it have ps.
 *
 * SIGTERM goes to each process once: what a process starts to clean up after itself has the 10 s.
 */
export const GUARD_SCRIPT = `
trap '' HUP INT QUIT TERM
root=$1 group=$2 mark=$3 file=$4
read -r line
[ "$line" != done ] || exit 0

processes() {
  if [ ! -r /proc/self/stat ]; then
    ps -A -o pid= -o ppid= -o pgid= -o state= | while read -r pid parent pgrp state; do
      case $state in Z*) ;; *) echo "$pid/0:$parent:$pgrp" ;; esac
    done
    return
  fi
  for stat in /proc/[0-9]*/stat; do
    text=
    while read -r part || [ -n "$part" ]; do text="$text $part"; done <"$stat"
    pid=\${stat#/proc/}
    set -- \${text##*)}
    case $1 in [ZX] | '') ;; *) echo "\${pid%/stat}/\${20}:$2:$3" ;; esac
  done
}

seen=' '
look() {
  all=$(processes)
  marked=
  [ -z "$mark" ] || marked=$(grep -Fls -e "$mark" /proc/[0-9]*/environ)
  inside=' ' outside=' ' parents=" $root " grown=yes
  while [ -n "$grown" ]; do
    grown=
    for process in $all; do
      name=\${process%%:*} pid=\${process%%/*} pgrp=\${process##*:} parent=\${process%:*}
      case $inside$outside in *" $pid "*) continue ;; esac
      if [ "$pgrp" = "$group" ]; then
        inside="$inside$pid "
      else
        case " $marked$parents$seen" in
          *" $pid "* | *" \${parent##*:} "* | *" $name "* | */proc/"$pid"/environ*) outside="$outside$pid " ;;
          *) continue ;;
        esac
      fi
      parents="$parents$pid " seen="$seen$name " grown=yes
    done
  done
  [ "$inside$outside" != '  ' ]
}

tell() {
  [ "$inside" = ' ' ] || kill -s "$1" -- "-$group"
  for pid in $outside; do kill -s "$1" -- "$pid"; done
}

if look; then
  tell TERM
  tell CONT
  for pause in 0.1 0.1 0.2 0.3 0.3 1 1 1 1 1 1 1 1 1; do
    sleep "$pause" || sleep 1
    look || break
  done
  for pause in 0.1 0.2 0.5 1 1; do
    look || break
    tell KILL
    sleep "$pause" || sleep 1
  done
fi
[ -z "$file" ] || rm -rf -- "$file"`;
