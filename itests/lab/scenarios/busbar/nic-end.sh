nothing_leaked() {
  bus "nic:jobs"
  says "no jobs"
  bus "pci:events -n 100000"
  if grep -E '  (leak|stuck) ' <<< "$answer" > /run/bad-events; then fail "$(head -n 5 /run/bad-events)"; fi
  note "$(wc -l <<< "$answer") events"
}
scenario "No job is left, no leak, no stuck driver, with NICs" nothing_leaked

stop_busbar
nic_ended() {
  is "exit status" "$bus_status" 0
  is "open VFIO files" "$(ls -l /proc/[0-9]*/fd 2> /dev/null | grep -c /dev/vfio)" 0
}
scenario "Busbar with network commands ends in order" nic_ended
