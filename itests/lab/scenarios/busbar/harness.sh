# What the scenarios share: a Busbar that runs all the time and is spoken to line by line, and one result line for each scenario:
#     ok - TITLE        or        not ok - TITLE: WHY        or        skipped - TITLE: WHY
# LabIT takes the titles that it expects from the lines that begin with "scenario". Lines that begin with # are for people.
. "$LAB_GUEST/lib.sh"
trap '' PIPE                             # writing to a Busbar that has ended fails, and is reported

project=$(cd "$LAB_GUEST/../../.." && pwd)
busbar=/run/busbar                       # a copy: quicker than the host's file system, and readable for ordinary users
home=/run/home
jars=$busbar/drivers-for-sale
patience=90                              # seconds: the host may be busy
note() { echo "# $*"; }
if [ -e /out/settings ]; then . /out/settings; fi    # of this run: fault_seconds=300

# --- scenarios -------------------------------------------------------------------------------------------------------------

failures=0
skipping=77

# scenario TITLE FUNCTION [ARGUMENT...]: runs the function in a shell of its own; the first command in it that fails ends it
scenario() {
  local status began=$EPOCHREALTIME
  echo "# --- $1"
  rm -f /run/why
  (
    set -eEuo pipefail
    trap '[ -s /run/why ] || echo "${BASH_SOURCE[0]##*/}:$LINENO: $BASH_COMMAND" > /run/why' ERR
    "${@:2}"
  )
  status=$?
  if ((status == 0)); then
    echo "ok - $1"
  elif ((status == skipping)); then
    echo "skipped - $1: $(< /run/why)"
  else
    echo "not ok - $1: $(tr '\n' ' ' 2> /dev/null < /run/why)"
    failures=$((failures + 1))
    diagnose
  fi
  note "$(since "$began") s"
}

# fail WHY: ends the scenario
fail() { echo "$*" > /run/why; return 1; }

# skip WHY: ends the scenario, which cannot be on this machine
skip() { echo "$*" > /run/why; exit "$skipping"; }

# within SECONDS CONDITION [WHAT]: waits for shell text to hold
within() { wait_for "$2" "$1" 2> /dev/null || fail "not within $1 s: ${3:-$2}"; }

# echo_replies: how many answers to pings the kernel has had, by IPv4 and IPv6
echo_replies() {
  awk '$1 == "Icmp:" {if (n) sum = $n; else for (i = 2; i <= NF; i++) if ($i == "InEchoReps") n = i}
    $1 == "Icmp6InEchoReplies" {sum += $2}
    END {print sum}' /proc/net/snmp /proc/net/snmp6
}

# all_answered COUNT PING-ARGUMENT...: pings of which none may be lost. Whatever -W says, ping itself waits for the last answer for
# two round trips and no more; the kernel counts those that come later, too. Not beside another ping.
all_answered() {
  local before
  before=$(echo_replies)
  ping -c "$1" -W 20 -q "${@:2}" > /run/ping || fail "no ping is answered: $(tail -n 3 /run/ping)"
  if grep -q duplicates /run/ping; then fail "$(tail -n 3 /run/ping)"; fi
  within 20 "(( \$(echo_replies) - $before >= $1 ))" "$1 answers: $(tail -n 3 /run/ping | tr '\n' ' ')"
  note "$(tail -n 2 /run/ping | tr '\n' ' ')"
}

# is WHAT FOUND WANTED
is() { [[ $2 == "$3" ]] || fail "$1 is '$2', not '$3'"; }

diagnose() {
  {
    if [ -e /run/hang ]; then
      cat /run/hang
      rm /run/hang
    fi
    tail -n 8 "$home/said"
    new_lines busbar.log "$home/log/busbar.log"
    dmesg | tail -n 4
    if [ -n "${bus_pid:-}" ] && kill -0 "$bus_pid" && bus "lab:threads" 30; then printf '%s' "$answer" | head -n 200; fi
  } 2> /dev/null | sed 's/^/# | /'
}

# new_lines NAME FILE: the lines that came since the last time, 40 at most
new_lines() {
  local seen=0
  if [ -e "/run/seen-$1" ]; then seen=$(< "/run/seen-$1"); fi
  wc -l < "$2" > "/run/seen-$1"
  tail -n +$((seen + 1)) "$2" | tail -n 40
}

# --- a running Busbar ------------------------------------------------------------------------------------------------------

# install_busbar: the assembly with the lab's commands in it and without drivers; those are in $jars
install_busbar() {
  cp -r "$project/runtime/target/busbar" "$busbar"
  rm -rf "$busbar"/{cache,log,lock}
  mv "$busbar/drivers" "$jars"
  mkdir "$busbar/drivers"
  cp "$project"/itests/lab-bundle/target/lab-bundle-*[0-9T].jar "$busbar/bundle/lab-bundle.jar"
  chmod -R a+rX "$busbar"
}

# start_busbar HOME [COMMAND...]: as the user and with the limits that the command sets. Not to be called in a scenario.
start_busbar() {
  home=$1
  shift
  rm -f /run/bus-in /run/bus-out "$home/said"
  mkfifo /run/bus-in /run/bus-out
  BUSBAR_JAVA_OPTS="$LAB_JAVA_OPTIONS" "$@" "$busbar/bin/busbar" --no-emulator --home "$home" batch - \
    < /run/bus-in > /run/bus-out 2>&1 &
  bus_pid=$!
  exec {to_bus}> /run/bus-in {from_bus}< /run/bus-out
}

# stop_busbar: ends it as the end of its input does, and leaves its exit status in bus_status. What it says while it ends is
# read all the time: a full pipe would hold it up. One that does not end explains itself in the diagnosis of the scenario that
# looks at bus_status, and is killed, so that those after it have a chance.
stop_busbar() {
  local asked=$EPOCHREALTIME
  exec {to_bus}>&-
  if wait_for "hear; ! kill -0 $bus_pid 2> /dev/null" "$patience"; then
    wait "$bus_pid"
    bus_status=$?
    hear
  else
    bus_status="still running after $patience s"
    explain_hang > /run/hang 2>&1
    kill -KILL "$bus_pid"
    wait_for "! kill -0 $bus_pid 2> /dev/null" "$patience" || echo "not even SIGKILL ends it" >> /run/hang
  fi
  exec {from_bus}<&-
  note "Busbar ended after $(since "$asked") s, status $bus_status"
}

# hear: takes what Busbar has said
hear() {
  local line
  while read -r -t 0 <&"$from_bus" && IFS= read -r -t "$patience" line <&"$from_bus"; do echo "$line" >> "$home/said"; done
  true
}

# explain_hang: what a Busbar is at that should have ended, and who still holds its input open
explain_hang() {
  local task fifo=/run/bus-in before
  echo "Busbar ($bus_pid) is still there $patience s after the end of its input"
  grep -E '^(Name|State|Uid|VmLck|VmPin|Threads|SigIgn|SigCgt)' "/proc/$bus_pid/status"
  echo "files with $fifo or /run/bus-out:"
  ls -l /proc/[0-9]*/fd 2> /dev/null | awk -v in_="$fifo" '/^\/proc/ {process = $0}
    index($0, in_) || index($0, "/run/bus-out") {print process, $1, $(NF - 2), $(NF - 1), $NF}'
  echo "processes:"
  for task in /proc/[0-9]*; do
    if [ -e "$task/exe" ]; then echo "${task##*/} of $(awk '/^PPid/ {print $2}' "$task/status"): $(tr '\0' ' ' < "$task/cmdline" | cut -c 1-120)"; fi
  done 2> /dev/null
  echo "threads: id, name, state, where in the kernel"
  for task in "/proc/$bus_pid/task/"*; do
    echo "${task##*/} $(< "$task/comm") $(awk '/^State/ {print $2}' "$task/status") $(awk 'NR == 1' "$task/stack")"
    if grep -q '^State:.D' "$task/status"; then cat "$task/stack"; fi
  done
  before=$(wc -l < "$home/said")
  kill -QUIT "$bus_pid"
  wait_for "hear; tail -n +$((before + 1)) '$home/said' | grep -q '^Heap'" 20 || echo "no answer to SIGQUIT"
  tail -n +$((before + 1)) "$home/said"
}

# bus COMMAND [SECONDS]: has Busbar run a command; what it prints is in $answer
bus() {
  local mark=$BASHPID.${EPOCHREALTIME/./} line deadline=$((SECONDS + ${2:-$patience})) end
  answer=
  echo "lab:run $mark { $1 }" >&"$to_bus" || fail "Busbar has ended and cannot do: $1" || return
  while ((SECONDS < deadline)); do
    end=0
    IFS= read -r -t $((deadline - SECONDS)) line <&"$from_bus" || end=$?
    if ((end == 1)); then fail "Busbar has ended ($answer), asked to: $1"; return; fi
    if ((end != 0)); then break; fi
    echo "$line" >> "$home/said"
    case $line in
      "=$mark begin") answer= ;;
      "=$mark ok") return 0 ;;
      "=$mark failed: "*) answer=${line#*failed: }; fail "$1: $answer"; return ;;
      *) answer+=$line$'\n' ;;
    esac
  done
  fail "no answer within ${2:-$patience} s to: $1"
}

# says TEXT: the last answer has it
says() { [[ $answer == *"$1"* ]] || fail "'$1' is not in the answer: $answer"; }

# fails_with TEXT COMMAND
fails_with() {
  if bus "$2"; then fail "should fail: $2" || return; fi
  rm -f /run/why
  says "$1"
}

# why_says ADDRESS TEXT: pci:why does, once what it says has come about
why_says() {
  local deadline=$((SECONDS + patience))
  until bus "pci:why $1" && [[ $answer == *"$2"* ]]; do
    ((SECONDS < deadline)) || fail "'$2' is not in the answer: $answer"
  done
}

# state ADDRESS WANTED [SECONDS]: waits for it
state() { bus "pci:await $1 $2 ${3:-60}" $((${3:-60} + 30)); }

# shown ADDRESS FIELD: a number or word from pci:show -j
shown() { bus "pci:show -j $1" && sed -n "s/^ *\"$2\": \"\?\([^\",]*\).*/\1/p" <<< "$answer" | head -n 1; }

# configure TEXT: conf/org.busbar.pci.linux.cfg, in one go
configure() { printf '%s\n' "$1" > "$home/new.cfg" && mv "$home/new.cfg" "$home/conf/org.busbar.pci.linux.cfg"; }

# drop JAR / withdraw JAR: a driver bundle comes into drivers/ or goes
drop() { cp "$1" "$home/incoming" && mv "$home/incoming" "$home/drivers/${2:-$(basename "$1")}"; }
withdraw() { rm "$home/drivers/$1"; }

# milliseconds SINCE: from a moment (see now) until now
milliseconds() { echo $(((${EPOCHREALTIME/./} - ${1/./}) / 1000)); }

# descriptors: how many files Busbar has open; vfio_descriptors: those that have to do with devices
descriptors() { ls "/proc/$bus_pid/fd" | wc -l; }
vfio_descriptors() { ls -l "/proc/$bus_pid/fd" | grep -c -e vfio -e eventfd || true; }
vfio_mappings() { grep -c -e vfio "/proc/$bus_pid/maps" || true; }

# --- cards -----------------------------------------------------------------------------------------------------------------

nvme() { echo "nvme,drive=$1,serial=$2"; }
e1000e() { echo "e1000e,netdev=$1,mac=52:54:00:00:00:$2"; }

# bound SLOT CARD: makes sure that a card is in the slot and driven
bound() {
  local address
  address=$(slot_address "$1")
  card "$1" "$2"
  state "$address" bound
}

# card SLOT CARD: makes sure that one is in the slot and the kernel knows it
card() {
  local address
  address=$(slot_address "$1")
  if present "$address"; then return; fi
  if slot_occupied "$1" && inserted "$1"; then pci_rescan; else insert "$1" "$2" || fail "cannot insert into slot $1"; fi
  within 20 "present $address"
}

override() { cat "/sys/bus/pci/devices/$1/driver_override"; }
