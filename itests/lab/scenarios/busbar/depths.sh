# Random reads and writes of 4 KiB, what is read compared with what was written, on one and two queues: by an ordinary user.
run=${depths_run:-1s}

vfio_interrupts() { awk -v card="($mine)" 'index($0, "vfio-msi") && index($0, card) {n += $2 + $3} END {print n + 0}' /proc/interrupts; }
number() { sed -n "s/^.*\"$1\": *\([0-9.]*\).*/\1/p" <<< "$answer" | head -n 1; }

# verified DEPTH QUEUES poll|interrupts
verified() {
  local interrupts requests
  interrupts=$(vfio_interrupts)
  bus "nvme:perf $mine/n1 --rw randrw --bs 4k --size $((32 * $1 * $2))k --depth $1 --threads $2 --wait $3 --time $run --verify --write --json"
  interrupts=$(($(vfio_interrupts) - interrupts))
  requests=$(number done)
  note "$requests requests in $(number seconds) s, interrupts in all of it: $interrupts; $(grep -A 8 '"verify"' <<< "$answer" | tr -d '\n ')"
  ((requests > 2 * $1 * $2)) || fail "only $requests requests"
  if [ "$3" = interrupts ]; then ((interrupts > 0)) || fail "no interrupt came"; fi
}
scenario "4 KiB verified, one queue: depth 1, polling" verified 1 1 poll
scenario "4 KiB verified, one queue: depth 32, polling" verified 32 1 poll
scenario "4 KiB verified, one queue: depth 128, polling" verified 128 1 poll
scenario "4 KiB verified, one queue: depth 1, by MSI-X" verified 1 1 interrupts
scenario "4 KiB verified, one queue: depth 32, by MSI-X" verified 32 1 interrupts
scenario "4 KiB verified, one queue: depth 128, by MSI-X" verified 128 1 interrupts
scenario "4 KiB verified, two queues: depth 1, polling" verified 1 2 poll
scenario "4 KiB verified, two queues: depth 32, polling" verified 32 2 poll
scenario "4 KiB verified, two queues: depth 128, polling" verified 128 2 poll
scenario "4 KiB verified, two queues: depth 1, by MSI-X" verified 1 2 interrupts
scenario "4 KiB verified, two queues: depth 32, by MSI-X" verified 32 2 interrupts
scenario "4 KiB verified, two queues: depth 128, by MSI-X" verified 128 2 interrupts
