# NICs that go, come and change under full traffic: pings that do not wait for their answers from two sides, and frames besides as
# often as pings are answered, on all queues of the port, out of one pool that is counted at the end.
fault_rounds=${nic_fault_rounds:-3}
pool=1500

# traffic SLOT ADDRESS MAC: on all queues, until traffic_ends
traffic() {
  peer_up "$peer/24"
  mtus "$2" 1500
  ip neighbour replace "$ours" lladdr "$3" dev "$peer_nic" nud permanent
  bus "lab:endure $2 $ours $pool"
  ping -f -l 8 -s 1400 -q "$ours" > /dev/null {to_bus}>&- &
  floods=$!
  ping -f -l 8 -s 56 -q "$ours" > /dev/null {to_bus}>&- &
  floods+=" $!"
  # shellcheck disable=SC2064 -- one word per process, now
  trap "kill -INT $floods 2> /dev/null || true" EXIT
  flows "$2"
}

# flows ADDRESS: traffic does
flows() {
  bus "lab:endured $1 300"
}

traffic_ends() {
  # shellcheck disable=SC2086 -- one word per process
  kill -INT $floods
  # shellcheck disable=SC2086
  wait $floods || true
  bus "lab:relent $1"
  note "$answer"
  says "$pool of $pool packets in the pool"
  ip neighbour delete "$ours" dev "$peer_nic"
}

# faults WHAT SLOT ADDRESS MAC CARD: so many rounds of it under traffic
faults() {
  local round before="" after
  bound "$2" "$5"
  linked "$3" "$4"
  traffic "${@:2:3}"
  for ((round = 1; round <= fault_rounds; round++)); do
    "$1" "$2" "$3" "$5"
    linked "$3" "$4"
    flows "$3"
    after="$(vfio_descriptors) $(vfio_mappings)"
    if [ -z "$before" ]; then before=$after; fi
    is "open VFIO files and mappings in round $round" "$after" "$before"
  done
  note "after $fault_rounds rounds: $answer"
  traffic_ends "$3"
}

yank() {
  surprise_pull "$1"
  state "$2" gone
  insert "$1" "$3"
  state "$2" bound
}

switch_off() {
  slot_power "$1" off
  state "$2" gone
  insert "$1" "$3"
  state "$2" bound
}

flap() {
  qmp set_link "{\"name\": \"slot$1\", \"up\": false}" > /dev/null
  unlinked "$2"
  qmp set_link "{\"name\": \"slot$1\", \"up\": true}" > /dev/null
}

reset() {
  bus "nic:reset $2"
}

# The bundle's jar is replaced, with another time of change.
swap_driver() {
  local jar=nic-driver-bundle.jar generation
  if [[ $2 == "$virtio" ]]; then jar=virtio-net-driver-bundle.jar; fi
  generation=$(shown "$2" probes)
  drop "$jars/$jar"
  within 60 "(( \$(shown $2 probes) > $generation ))" "the driver is another"
  state "$2" bound
}

card4="$(e1000e h0 01)" card5="$(virtio_net 05)"
scenario "82574L yanked under full traffic, again and again: no packet is lost from the pool, the next card works" faults yank 4 "$nic" "$mac4" "$card4"
scenario "82574L switched off in its slot under full traffic, again and again" faults switch_off 4 "$nic" "$mac4" "$card4"
scenario "82574L whose link flaps under full traffic, again and again" faults flap 4 "$nic" "$mac4" "$card4"
scenario "82574L reset under full traffic, again and again" faults reset 4 "$nic" "$mac4" "$card4"
scenario "82574L whose driver bundle is replaced under full traffic, again and again" faults swap_driver 4 "$nic" "$mac4" "$card4"
scenario "virtio-net yanked under full traffic, again and again: no packet is lost from the pool, the next card works" faults yank 5 "$virtio" "$mac5" "$card5"
scenario "virtio-net switched off in its slot under full traffic, again and again" faults switch_off 5 "$virtio" "$mac5" "$card5"
scenario "virtio-net whose link flaps under full traffic, again and again" faults flap 5 "$virtio" "$mac5" "$card5"
scenario "virtio-net whose driver bundle is replaced under full traffic, again and again" faults swap_driver 5 "$virtio" "$mac5" "$card5"
