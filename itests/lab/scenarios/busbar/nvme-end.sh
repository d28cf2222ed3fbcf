# The ordinary user's Busbar ends, and leaves nothing behind.
nothing_leaked() {
  bus "pci:events -n 100000"
  if grep -E '  (leak|stuck) ' <<< "$answer" > /run/bad-events; then
    fail "$(head -n 5 /run/bad-events)"
  fi
  note "$(wc -l <<< "$answer") events"
}
scenario "No leak and no stuck driver in all of the user's runs" nothing_leaked

stop_busbar
nvme_ended() {
  is "exit status" "$bus_status" 0
  is "open VFIO files" "$(ls -l /proc/[0-9]*/fd 2> /dev/null | grep -c /dev/vfio)" 0
}
scenario "The user's Busbar ends in order, with no VFIO file left open" nvme_ended
