# Flows from many addresses are spread over the queues of a port.
flows_from=24

spread() { # ADDRESS MAC
  local i queues
  if [[ $1 == "$virtio" ]]; then on_taps "several queues of a virtio-net"; fi
  peer_up "$peer/24"
  mtus "$1" 1500
  for ((i = 1; i <= flows_from; i++)); do ip address replace "10.7.0.$((100 + i))/24" dev "$peer_nic"; done
  ip neighbour replace "$ours" lladdr "$2" dev "$peer_nic" nud permanent
  bus "lab:endure $1 $ours 1500"
  for ((i = 1; i <= flows_from; i++)); do
    pinged "$ours" 20 56 -I "10.7.0.$((100 + i))"
  done
  bus "lab:relent $1"
  note "$answer"
  queues=$(sed -n 's/.*received by queue \[\([0-9]*\), \([0-9]*\)\].*/\1 \2/p' <<< "$answer")
  [ -n "$queues" ] || fail "not two queues: $answer"
  # Which flows come by which queue the other side decides by chance: at least one by each, of 24.
  ((${queues% *} >= 20 && ${queues#* } >= 20)) || fail "not spread: $queues"
  for ((i = 1; i <= flows_from; i++)); do ip address delete "10.7.0.$((100 + i))/24" dev "$peer_nic"; done
  ip neighbour delete "$ours" dev "$peer_nic"
}
scenario "82574L: the frames of 24 flows come by both queues" spread "$nic" "$mac4"
scenario "virtio-net: the frames of 24 flows come by both queues" spread "$virtio" "$mac5"
