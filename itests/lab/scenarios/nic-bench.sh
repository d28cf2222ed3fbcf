# A benchmark, not a test: frames received, sent and forwarded by DPDK's testpmd and by Busbar, in turns, on one and the same pair of
# cards. Prints a line "result ..." for each measurement; benchmarks/nic runs it, with the source and the sink of the frames on the
# host (benchmarks/src/main/c/traffic.c), and makes tables of the lines.
rounds=3 seconds=2 kinds="e1000e virtio" sizes="64 1500" batches="1 8 32 256" works="receive send forward" warmup=200000
LAB_JAVA_OPTIONS=-XX:-UsePerfData                # all of the JVM's compilers, unlike in the tests; DIR/settings may say otherwise
scenarios=$LAB_GUEST/../scenarios/busbar
. "$scenarios/harness.sh"
PATH=$PATH:/usr/local/bin
command -v dpdk-testpmd > /dev/null || { echo "dpdk-testpmd is missing: apt-get install dpdk-dev"; exit 3; }
patience=120
settle=0.3                                       # seconds that frames of another size have to leave the sockets
descriptors=256 packets=8192
declare -A macs=([e1000e]=52:54:00:00:00:a [virtio]=52:54:00:00:00:b)

die() { echo "bench: $*"; cat /run/why 2> /dev/null; tail -n 20 /run/pmd-said "$home/log/busbar.log" "$home/log/output.log" 2> /dev/null; exit 1; }
pass() { (read -r -t "$1" <> /run/lab-pause || true); }

# --- the other side ---------------------------------------------------------------------------------------------------------

exec {wires}<> /dev/virtio-ports/traffic
traffic() {  # COMMAND: has source and sink do something; what they say is in $told
  printf '%s\n' "$1" >&"$wires"
  IFS= read -r -t 20 told <&"$wires" || die "source and sink do not answer: $1"
}
told_ok() { traffic "$1"; [ "$told" = ok ] || die "$1: $told"; }
field() { sed -n "s/.*\b$2 \([0-9]*\).*/\1/p" <<< "$1"; }

# rate_between BEFORE AFTER FIELD: frames per second between two answers to "count"
rate_between() {
  awk -v frames=$(($(field "$2" "$3") - $(field "$1" "$3"))) -v nanos=$(($(field "$2" at) - $(field "$1" at))) \
    'BEGIN {printf "%.0f", frames * 1e9 / nanos}'
}

# --- cards ------------------------------------------------------------------------------------------------------------------

# Of each kind two, in neighbouring slots: frames come to the first and leave by the second.
declare -A first_slot=([e1000e]=1 [virtio]=3)
in_card() { slot_address "${first_slot[$1]}"; }
out_card() { slot_address $((first_slot[$1] + 1)); }

insert_cards() {  # KIND
  local i slot args
  for i in 0 1; do
    slot=$((first_slot[$1] + i))
    case $1 in
      e1000e) args="e1000e,netdev=w$slot,mac=${macs[$1]}$i" ;;
      virtio) args="virtio-net-pci,netdev=w$slot,mac=${macs[$1]}$i,disable-legacy=on,iommu_platform=on,romfile=" ;;
    esac
    insert "$slot" "$args" || die "no card in slot $slot"
    wait_for "present $(slot_address $slot)" 20 || die "the kernel does not see slot $slot"
    driver_bind "$(slot_address $slot)" vfio-pci || die "vfio-pci does not take slot $slot"
  done
}

# --- DPDK -------------------------------------------------------------------------------------------------------------------

pmd() {  # COMMAND...: types commands, and waits until testpmd has done the last
  local mark before
  before=$(grep -c 'Number of available ports' /run/pmd-said)
  printf '%s\n' "$@" 'show port summary all' >&"$to_pmd"
  wait_for "(( \$(grep -c 'Number of available ports' /run/pmd-said) > $before ))" 60 2> /dev/null || die "testpmd does not answer: $*"
}

# EAL loads every driver that Debian packages, more than a hundred, before it looks at a device: here it finds only those it needs,
# and those that testpmd is linked with.
few_pmds() {
  local all name
  all=$(ls -d /usr/lib/*/dpdk/pmds-*)
  mkdir /run/pmds
  for name in librte_{bus_pci,bus_vdev,mempool_ring,net_e1000,net_virtio}.so \
      $(ldd "$(command -v dpdk-testpmd)" | awk '/librte_/ {print $3}' | xargs realpath | grep -F "$all/" | xargs -n 1 basename); do
    cp -P "$all/${name%%.so*}".so* /run/pmds/ || return
  done
  mount --bind /run/pmds "$all"
}

# Main thread on the first processor, where it waits for input; frames on the second.
start_pmd() {  # KIND
  rm -f /run/pmd-in
  mkfifo /run/pmd-in
  : > /run/pmd-said
  stdbuf -oL dpdk-testpmd -l 0,1 --main-lcore 0 --in-memory --no-telemetry -a "$(in_card "$1")" -a "$(out_card "$1")" -- \
    -i --nb-cores=1 --rxd=$descriptors --txd=$descriptors --total-num-mbufs=$packets --port-topology=paired --no-lsc-interrupt \
    --burst=32 < /run/pmd-in > /run/pmd-said 2>&1 &
  pmd_pid=$!
  exec {to_pmd}> /run/pmd-in
  wait_for "grep -q 'testpmd> ' /run/pmd-said" 120 || die "testpmd does not start"
  pmd "show port info 0"
  note "$(grep -h -m 1 'EAL: Detected CPU' /run/pmd-said), $(grep -h 'Driver name' /run/pmd-said | head -n 1)"
  [ "$(grep -c 'Probe PCI driver' /run/pmd-said)" = 2 ] || die "testpmd has not found both cards"
}

stop_pmd() {
  printf 'quit\n' >&"$to_pmd"
  wait_for "! kill -0 $pmd_pid 2> /dev/null" 60 || die "testpmd does not end"
  exec {to_pmd}>&-
  wait "$pmd_pid" || die "testpmd has failed"
}

pmd_begin() {  # WORK SIZE BATCH
  case $1 in
    receive) pmd "set portlist 0" "set fwd rxonly" ;;
    send) pmd "set portlist 1" "set fwd txonly" "set txpkts $2" ;;
    forward) pmd "set portlist 0,1" "set fwd io" ;;
  esac
  pmd "set burst $3" start
}
pmd_end() { pmd stop; }

# received so far, by the port's own count, and per second since the last look, by testpmd's clock
pmd_look() {
  pmd "show port stats 0"
  count=$(awk '/RX-packets:/ {count = $2} END {print count}' /run/pmd-said)
  pmd_rate=$(awk '/Rx-pps:/ {rate = $2} END {print rate}' /run/pmd-said)
}
pmd_received() { pmd_look; pass "$seconds"; pmd_look; rate=$pmd_rate; }

# --- Busbar -------------------------------------------------------------------------------------------------------------------

busbar_begin() {  # WORK SIZE BATCH
  local thread
  case $1 in
    receive) bus "lab:nicReceive $(in_card "$kind") $3" ;;
    send) bus "lab:nicSend $(out_card "$kind") $3 $2 52:54:00:00:00:fd" ;;
    forward) bus "lab:nicForward $(in_card "$kind") $(out_card "$kind") $3" ;;
  esac || die "Busbar does not begin to $1"
  thread=$(grep -l lab-load "/proc/$bus_pid/task/"*/comm | cut -d / -f 5)
  taskset -p -c 1 "$thread" > /dev/null || die "cannot pin the thread '$thread'"
}
busbar_end() { bus lab:nicEnd && says stopped || die "$answer"; }
busbar_look() { bus lab:nicCounts && says running || die "$answer"; looked=$answer count=$(field "$answer" moved); }
busbar_received() {
  local before
  busbar_look
  before=$looked
  pass "$seconds"
  busbar_look
  rate=$(rate_between "$before" "$looked" moved)
}

to_busbar() {
  bus "pci:attach $(in_card "$kind")" && bus "pci:attach $(out_card "$kind")" || die "Busbar does not take the cards"
  state "$(in_card "$kind")" bound 120 && state "$(out_card "$kind")" bound 120 || die "not bound"
  bus "nic:set $(in_card "$kind") promiscuous=on" || die "not promiscuous"
  bus "nic:set $(out_card "$kind") promiscuous=on" || die "not promiscuous"
}
from_busbar() {
  bus "pci:detach $(in_card "$kind")" && bus "pci:detach $(out_card "$kind")" || die "Busbar does not give the cards up"
}

# --- measurements ---------------------------------------------------------------------------------------------------------------

work_done() {  # what has come to the receiver so far
  traffic "count w$in"; sourced=$told
  traffic "count w$out"; sunk=$told
}

# begin PEER WORK SIZE BATCH
begin() {
  in=${first_slot[$kind]} out=$((first_slot[$kind] + 1))
  told_ok "expect w$out $([ "$2" = forward ] && echo "$3" || echo 0)"
  if [ "$2" = send ]; then told_ok "quiet w$in"; else told_ok "send w$in $3 ${macs[$kind]}0"; fi
  "$1_begin" "$2" "$3" "$4"
  pass "$settle"
}

# end PEER WORK: the driver takes what is still on its way, so that the next measurement does not
end() {
  local before=-1 now=0 deadline=$((SECONDS + 60))
  if [ "$2" != send ]; then told_ok "quiet w$in"; fi
  while [ "$2" != send ] && ((now != before && SECONDS < deadline)); do
    before=$now
    pass 0.1
    if [ "$2" = forward ]; then
      traffic "count w$out"
      now=$(($(field "$told" received) + $(field "$told" odd)))
    else
      "$1_look"
      now=$count
    fi
  done
  "$1_end"
}

# measure PEER WORK SIZE BATCH: at the receiver, which is the driver itself, or the sink
measure() {
  local before offered
  begin "$@"
  work_done
  before=$sunk offered=$sourced
  if [ "$2" = receive ]; then
    "$1_received"
  else
    pass "$seconds"
  fi
  work_done
  if [ "$2" != receive ]; then rate=$(rate_between "$before" "$sunk" received); fi
  end "$1" "$2"
  echo "result round=$round card=$kind peer=$1 work=$2 size=$3 batch=$4 pps=$rate" \
    "sourced=$(rate_between "$offered" "$sourced" sent) odd=$(($(field "$sunk" odd) - $(field "$before" odd)))"
}

all_of() {  # PEER
  local work size batch
  for work in $works; do
    for size in $sizes; do
      for batch in $batches; do measure "$1" "$work" "$size" "$batch"; done
    done
  done
}

# By frames, not by time: the JVM compiles what has been called often enough.
warm_up() {
  local work batch until
  for work in $works; do
    for batch in $batches; do
      begin busbar "$work" 64 "$batch"
      busbar_look
      until=$(($(field "$looked" moved) + warmup))
      local deadline=$((SECONDS + 180))
      while busbar_look && (($(field "$looked" moved) < until && SECONDS < deadline)); do pass 0.2; done
      (($(field "$looked" moved) >= until)) || die "no warm-up: $looked"
      end busbar "$work"
    done
  done
}

pmd_turn() {
  start_pmd "$kind"
  all_of pmd
  stop_pmd
}

busbar_turn() {
  to_busbar
  all_of busbar
  from_busbar
}

taskset -p -c 0 $$ > /dev/null                   # the second processor is for the thread that moves frames, and nobody else
echo 96 > /proc/sys/vm/nr_hugepages              # for DPDK, which takes 2 MiB pages where it can have them
few_pmds || die "DPDK's drivers are not where Debian has them"
install_busbar
mkdir -p "$home/conf" "$home/drivers"
cp "$busbar/conf/logback.xml" "$home/conf/"
cp "$jars/nic-driver-bundle.jar" "$jars/virtio-net-driver-bundle.jar" "$home/drivers/"
echo "useVfioBound = true" > "$home/conf/org.busbar.pci.linux.cfg"
echo "probeDeadline = 120000" > "$home/conf/org.busbar.core.cfg"    # the JVM compiles while the first probe runs
for kind in $kinds; do insert_cards "$kind"; done
start_busbar "$home" taskset -c 0,1
bus "pci:list" 300 || die "Busbar does not start"
taskset -a -p -c 0 "$bus_pid" > /dev/null
note "kernel $(uname -r), $(dpkg-query -W -f '${Package} ${Version}' dpdk-dev 2> /dev/null), $("$JAVA_HOME/bin/java" -version 2>&1 | sed -n 2p), $(getconf _NPROCESSORS_ONLN) processors"
round=0
for kind in $kinds; do
  to_busbar
  warm_up
  from_busbar
done
note "warm after $SECONDS s"
for ((round = 1; round <= rounds; round++)); do
  for kind in $kinds; do
    if ((round % 2)); then pmd_turn; busbar_turn; else busbar_turn; pmd_turn; fi
  done
done
stop_busbar
