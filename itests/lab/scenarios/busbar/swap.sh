# A card replaced in its slot, and one that is gone and back within milliseconds.
swapped() {
  local generation from
  bound 2 "$(nvme n0 S0)"
  generation=$(shown "$first" generation)
  bus "lab:hammer $first 32"
  bus "lab:progress $first 200"
  from=$EPOCHREALTIME
  surprise_swap 2 "$(nvme n2 S1)"
  bus "lab:ended $first"
  note "$answer"
  within 20 "slot_occupied 2 && present $first"
  state "$first" bound
  note "swapped and bound after $(since "$from") s"
  bus "nvme:list"
  says S1
  [[ $(shown "$first" generation) != "$generation" ]] || fail "the new card has the old one's generation $generation"
  bus "lab:hammer $first 32"
  bus "lab:progress $first 200"
  bus "lab:stop $first"
  note "$answer"
}
scenario "Another card in place of a yanked one is a new device, and works" swapped

blink() {
  local round generation from
  for round in 1 2 3; do
    bound 2 "$(nvme n2 S1)"
    generation=$(shown "$first" generation)
    bus "lab:hammer $first 8"
    bus "lab:progress $first 100"
    from=$EPOCHREALTIME
    pci_remove "$first"
    (read -r -t 0.005 <> /run/lab-pause || true)
    pci_rescan
    note "the kernel had it out and in again within $(milliseconds "$from") ms"
    bus "lab:ended $first"
    note "$answer"
    within 20 "present $first"
    bus "pci:settle 60"
    state "$first" bound
    note "gone, back and bound within $(milliseconds "$from") ms"
    [[ $(shown "$first" generation) != "$generation" ]] || fail "round $round: still generation $generation"
    bus "lab:hammer $first 8"
    bus "lab:progress $first 100"
    bus "lab:stop $first"
  done
}
scenario "Removed and found again 5 ms later, three times: a new device each time" blink
