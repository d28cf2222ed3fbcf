# A benchmark, not a test: 4 KiB random reads from one and the same NVMe card, by fio on the kernel's driver and by nvme:perf on
# Busbar's, in turns. Prints a line "result ..." for each measurement; benchmarks/nvme runs it and makes tables of them.
rounds=3 seconds=8 size=64m                      # DIR/settings may say otherwise
LAB_JAVA_OPTIONS=-XX:-UsePerfData                # all of the JVM's compilers, unlike in the tests
scenarios=$LAB_GUEST/../scenarios/busbar
. "$scenarios/harness.sh"
command -v fio > /dev/null || { echo "fio is missing: apt-get install fio"; exit 3; }
card=$(slot_address 2)

die() { echo "bench: $*"; cat /run/why /run/fio.json 2> /dev/null; exit 1; }
pass() { (read -r -t "$1" <> /run/lab-pause || true); }

# busy: hundredths of seconds that the guest's processors have worked so far, interrupts included
busy() { awk '$1 == "cpu" {print $2 + $3 + $4 + $7 + $8}' /proc/stat; }

# window: takes the guest's processor time in the middle of a measurement that has just begun with two seconds of warming up
window() {
  local before after from=$EPOCHREALTIME
  pass 3
  before=$(busy) from=$EPOCHREALTIME
  pass $((seconds - 2))
  after=$(busy)
  cpu=$(awk -v ticks=$((after - before)) -v seconds="$(since "$from")" 'BEGIN {print ticks * 10000 / seconds}')  # us per second
}

report() {  # PEER DEPTH IOPS P50 P99, latencies in ns
  echo "result round=$round peer=$1 depth=$2 iops=$3 p50=$4 p99=$5 cpu=$(awk -v cpu="$cpu" -v iops="$3" 'BEGIN {print cpu / iops}')"
}

to_kernel() {
  bus "pci:detach $card" || die "Busbar does not give the card up"
  driver_bind "$card" nvme || die "the kernel's driver does not take the card"
  wait_for "compgen -G '/sys/bus/pci/devices/$card/nvme/nvme*/nvme*n1'" 30 > /dev/null || die "no disk"
  disk=/dev/$(basename /sys/bus/pci/devices/"$card"/nvme/nvme*/nvme*n1)
  wait_for "[ -b $disk ]" 10 || die "no $disk"
}

to_busbar() {
  if [ "$(kernel_driver "$card")" != vfio-pci ]; then driver_bind "$card" vfio-pci || die "vfio-pci does not take the card"; fi
  bus "pci:attach $card" || die "Busbar does not take the card"
  state "$card" bound 120 || die "not bound"
}

with_fio() {  # PEER DEPTH OPTION...
  fio --name=bench --filename="$disk" --direct=1 --rw=randread --bs=4k --size="$size" --iodepth="$2" "${@:3}" --thread \
    --time_based --ramp_time=2 --runtime="$seconds" --lat_percentiles=1 --clat_percentiles=0 --percentile_list=50:99 \
    --output-format=json --output=/run/fio.json < /dev/null > /dev/null 2>&1 &
  window
  wait $! || die "fio failed"
  report "$1" "$2" "$(awk -F: '/"read"/ {on = 1} on && /"iops" :/ {print $2 + 0; exit}' /run/fio.json)" \
    "$(awk -F: '/"50.000000"/ {print $2 + 0; exit}' /run/fio.json)" "$(awk -F: '/"99.000000"/ {print $2 + 0; exit}' /run/fio.json)"
}

with_busbar() {  # PEER DEPTH HOW
  local perf="nvme:perf $card/n1 --rw randread --bs 4k --size $size --depth $2 --wait $3 --json"
  (
    bus "$perf --time 2s" && bus "$perf --time ${seconds}s" && printf '%s' "$answer" > /run/perf.json
  ) &
  window
  wait $! || die "nvme:perf failed"
  report "$1" "$2" "$(awk -F: '/"read"/ {on = 1} on && /"iops"/ {print $2 + 0; exit}' RS=, /run/perf.json)" \
    "$(awk -F: '/"read"/ {on = 1} on && /"50(\.0)?":/ {print $NF + 0; exit}' RS=, /run/perf.json)" \
    "$(awk -F: '/"read"/ {on = 1} on && /"99(\.0)?":/ {print $NF + 0; exit}' RS=, /run/perf.json)"
}

kernel_turn() {
  to_kernel
  local depth
  for depth in 1 32; do
    with_fio kernel_libaio "$depth" --ioengine=libaio
    with_fio kernel_io_uring "$depth" --ioengine=io_uring
    with_fio kernel_io_uring_polled "$depth" --ioengine=io_uring --hipri
  done
}

busbar_turn() {
  to_busbar
  local depth
  for depth in 1 32; do
    with_busbar busbar_interrupts "$depth" interrupts
    with_busbar busbar_polling "$depth" poll
  done
}

install_busbar
mkdir -p "$home/conf" "$home/drivers"
cp "$busbar/conf/logback.xml" "$home/conf/"
cp "$jars/nvme-driver-bundle.jar" "$home/drivers/"
echo "useVfioBound = true" > "$home/conf/org.busbar.pci.linux.cfg"
echo "probeDeadline = 120000" > "$home/conf/org.busbar.core.cfg"    # the JVM compiles while the first probe runs
modprobe nvme poll_queues=1
dd if=/dev/urandom of=/out/n0.img bs=1M count=64 conv=notrunc status=none
insert 2 "$(nvme n0 BENCH)"
wait_for "present $card" 20
start_busbar "$home"
bus "pci:list" 300 || die "Busbar does not start"
note "kernel $(uname -r), $(fio --version), $("$JAVA_HOME/bin/java" -version 2>&1 | sed -n 2p), $(nproc) processors, clock $(cat /sys/devices/system/clocksource/clocksource0/current_clocksource)"
to_busbar
# By requests, not by time: the JVM compiles what has been called often enough.
for how in poll interrupts; do
  bus "nvme:perf $card/n1 --rw randread --bs 4k --size $size --depth 32 --total 400m --wait $how" 300 || die "no warm-up"
  bus "nvme:perf $card/n1 --rw randread --bs 4k --size $size --depth 1 --total 160m --wait $how" 300 || die "no warm-up"
  note "$answer"
done
for ((round = 1; round <= rounds; round++)); do
  if ((round % 2)); then kernel_turn; busbar_turn; else busbar_turn; kernel_turn; to_busbar; fi
done
stop_busbar
