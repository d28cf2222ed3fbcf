# Functions for scenarios (DIR/once.sh) and for the lab shell:   . "$LAB_GUEST/lib.sh"
#
# The slots: root ports rp1..rp6; slot N is the root port 0000:00:(0f+N).0 and its card is normally 0000:0N:00.0 (ask
# slot_address). Block backends n0..n3 (their bytes are /out/n0.img ...), network backends h0..h3 on one hub, to which the
# guest kernel's own NIC is joined too (peer_interface). All names are free for `insert`, each for one card at a time.
#
# QMP, for those who cannot use these functions (a JVM, say). There are two monitors, each behind a virtio port that one
# process at a time may open: /dev/virtio-ports/qmp belongs to these functions, /dev/virtio-ports/qmp.app to the program
# under test. Both are past the capability negotiation. One line is one JSON object, in both directions:
#
#     -> {"execute": "device_add", "arguments": {"driver": "nvme", "id": "slot2", "bus": "rp2", "drive": "n0",
#         "serial": "A1"}, "id": "7"}
#     <- {"return": {}, "id": "7"}       or     {"error": {"class": "...", "desc": "..."}, "id": "7"}
#     -> {"execute": "device_del", "arguments": {"id": "slot2"}, "id": "8"}
#
# In between come events ({"event": "DEVICE_DELETED", "data": {"device": "slot2", ...}, "timestamp": ...}) and, after
# opening, perhaps the tail of an old one: take the line that carries your id, skip the rest. A monitor answers in the
# order of the commands. device_del only presses the card's attention button; the card is gone from QEMU (and its id and
# its drive are free again) at DEVICE_DELETED, or when qom-list of /machine/peripheral no longer names it.
#
# Everything returns 0 for success and says on standard error what went wrong otherwise. Nothing waits without a deadline.

QMP_DEADLINE=${QMP_DEADLINE:-20}

lab_error() { echo "lab: $*" >&2; return 1; }

# now: seconds with microseconds
now() { echo "$EPOCHREALTIME"; }

# since FROM: seconds from FROM (see now) until now, with milliseconds
since() { awk -v from="$1" -v to="$EPOCHREALTIME" 'BEGIN {printf "%.3f\n", to - from}'; }

# wait_for CONDITION SECONDS: evaluates CONDITION (shell text) until it holds; 1 when the deadline has passed. The pause between
# two looks, which leaves the vCPU to the others, is in a process of its own: where the time of bash 5.2's `read -t` is up before
# it first looks, as may be on a busy machine, it leaves an arbitrary signal mask behind. With SIGCHLD in it bash does not learn
# that a child has ended, and `kill -0` finds it for ever.
wait_for() {
  local deadline=$((${EPOCHREALTIME/./} + $(awk -v s="$2" 'BEGIN {printf "%d", s * 1000000}')))
  until eval "$1"; do
    ((${EPOCHREALTIME/./} < deadline)) || { lab_error "not within $2 s: $1"; return 1; }
    (read -r -t 0.01 <> /run/lab-pause || true)
  done
}

# --- QMP ---------------------------------------------------------------------------------------------------------------------

qmp_exchange() {  # PORT COMMAND ID: sends one line, prints the line that answers it
  local port=$1 command=$2 id=$3 line lock channel deadline=$((SECONDS + QMP_DEADLINE)) status=1
  exec {lock}> "/run/lab-$port.lock"
  if ! flock -w "$QMP_DEADLINE" "$lock"; then
    exec {lock}>&-
    lab_error "$port is in use by another process"
    return
  fi
  if exec {channel}<> "/dev/virtio-ports/$port"; then
    printf '%s\n' "$command" >&"$channel"
    while ((SECONDS < deadline)) && IFS= read -r -t $((deadline - SECONDS)) line <&"$channel"; do
      if [[ $line == *"\"id\": \"$id\""* ]]; then
        printf '%s\n' "${line%$'\r'}"
        status=0
        break
      fi
    done
    exec {channel}>&-
  fi
  exec {lock}>&-
  ((status == 0)) || lab_error "no answer on $port within $QMP_DEADLINE s to $command"
}

# qmp COMMAND [ARGUMENTS-JSON]: runs a QMP command; prints the answer; 1 on an error or when the deadline has passed
qmp() {
  local id=$BASHPID.$EPOCHREALTIME answer
  answer=$(qmp_exchange qmp "{\"execute\": \"$1\", \"arguments\": ${2:-{\}}, \"id\": \"$id\"}" "$id") || return
  case $answer in
    *'"error"'*'"class"'*) lab_error "$1: $answer" ;;
    *) printf '%s\n' "$answer" ;;
  esac
}

# qmp_greet PORT: ends the capability negotiation of a fresh monitor (the guest's init has done it for both)
qmp_greet() { qmp_exchange "$1" '{"execute": "qmp_capabilities", "id": "greet"}' greet > /dev/null; }

# --- slots -------------------------------------------------------------------------------------------------------------------

# slot_port SLOT: address of the slot's root port
slot_port() { printf '0000:00:%02x.0\n' $((15 + $1)); }

# slot_address SLOT: address that a card in the slot has
slot_address() {
  printf '0000:%02x:00.0\n' "$(cat "/sys/bus/pci/devices/$(slot_port "$1")/secondary_bus_number")"
}

# device_json ARGS: "nvme,drive=n0,serial=A1" as the JSON members of device_add
device_json() {
  local IFS=, pair key value json
  json="\"driver\": \"${1%%,*}\""
  for pair in ${1#"${1%%,*}"}; do
    [ -n "$pair" ] || continue
    key=${pair%%=*} value=${pair#*=}
    case $key/$value in
      serial/*|id/*|mac/*|drive/*|netdev/*|romfile/*) json+=", \"$key\": \"$value\"" ;;
      */on) json+=", \"$key\": true" ;;
      */off) json+=", \"$key\": false" ;;
      *) if [[ $value =~ ^[0-9]+$ ]]; then json+=", \"$key\": $value"; else json+=", \"$key\": \"$value\""; fi ;;
    esac
  done
  printf '%s\n' "$json"
}

# slot_control SLOT SETTING...: Slot Control (PCIe Base 7.5.3.10; 0020 hot-plug interrupt enable, 0300 power indicator,
# 0400 power controller off) and its neighbours, by setpci on the root port
slot_control() { setpci -s "$(slot_port "$1")" "${@:2}"; }

# slot_occupied SLOT: does the slot itself detect a card (Slot Status, presence detect state)?
slot_occupied() { ((0x$(slot_control "$1" CAP_EXP+1a.w) & 0x40)); }

# slot_idle SLOT: is the slot empty, and is the kernel done with switching it off?
slot_idle() { (((0x$(slot_control "$1" CAP_EXP+18.w) & 0x0700) == 0x0700)) && ! slot_occupied "$1" && ! inserted "$1"; }

# insert SLOT ARGS: puts a card into the slot (device_add). ARGS as after QEMU's -device, without id and bus:
#     insert 2 nvme,drive=n0,serial=A1        insert 3 e1000e,netdev=h0,mac=52:54:00:00:00:01
# Waits until the slot is idle (the last card gone from QEMU, too) and the drive free, and returns when QEMU has taken the new one; the kernel
# sees it some tenths of a second later (wait_for 'present ...').
insert() {
  if slot_occupied "$1" && present "$(slot_address "$1")"; then lab_error "slot $1 holds a card"; return; fi
  wait_for "slot_idle $1" 10 && insert_when_free "$1" "$2"
}

# insert_when_free SLOT ARGS: as insert_now. A card that was pulled may leave requests in QEMU, which keep its drive until they
# have ended; on a busy host that is after the card itself has gone.
insert_when_free() {
  local why deadline=$((${EPOCHREALTIME/./} + 20000000))
  until why=$(insert_now "$1" "$2" 2>&1); do
    if [[ $why != *"Permission conflict"* ]] || ((${EPOCHREALTIME/./} > deadline)); then
      printf '%s\n' "$why" >&2
      return 1
    fi
    (read -r -t 0.01 <> /run/lab-pause || true)
  done
}

# insert_now SLOT ARGS: the same without a look at the slot. For a second or so after a card has gone, the kernel still
# switches the slot off, and QEMU drops a card that was put in meanwhile; the kernel never sees it.
insert_now() { qmp device_add "{$(device_json "$2"), \"id\": \"slot$1\", \"bus\": \"rp$1\"}" > /dev/null; }

# delete SLOT: orderly removal (device_del): presses the attention button. The kernel acts five seconds later.
delete() { qmp device_del "{\"id\": \"slot$1\"}" > /dev/null; }

# inserted SLOT: is there a card in the slot, as QEMU sees it?
inserted() { [[ $(qmp qom-list '{"path": "/machine/peripheral"}') == *"\"name\": \"slot$1\""* ]]; }

# slot_power SLOT on|off: the kernel's switch for the slot. Off asks the driver first, and QEMU then drops the card.
slot_power() {
  local value
  case $2 in on) value=1 ;; off) value=0 ;; *) lab_error "slot_power SLOT on|off, not '$2'"; return ;; esac
  echo "$value" > "/sys/bus/pci/slots/$1/power"
}

# surprise_pull SLOT: the card is yanked. With the hot-plug interrupt off, power goes off (QEMU drops the card) and on again;
# when the interrupt is allowed again the kernel finds "card gone, power on", as after a real yank. An empty slot is refused:
# it would be left switched on, and the kernel would not notice the next card.
surprise_pull() {
  slot_occupied "$1" || { lab_error "slot $1 is empty"; return; }
  slot_control "$1" CAP_EXP+18.w=0:20 CAP_EXP+18.w=0700:0700 CAP_EXP+18.w=0100:0700 CAP_EXP+18.w=20:20
}

# surprise_swap SLOT ARGS: the card is yanked and another put into the slot as soon as it can stay there, which is about a
# second later (see insert_now). For "gone and back within milliseconds" use pci_remove and pci_rescan.
surprise_swap() { surprise_pull "$1" && insert "$1" "$2"; }

# --- the kernel's view -------------------------------------------------------------------------------------------------------

# present ADDRESS / absent ADDRESS: does the kernel know the function?
present() { [ -e "/sys/bus/pci/devices/$1" ]; }
absent() { ! present "$1"; }

# iommu_group ADDRESS: its number. Numbers change from run to run and after a re-insertion.
iommu_group() { basename "$(readlink "/sys/bus/pci/devices/$1/iommu_group")"; }

# kernel_driver ADDRESS: the driver's name; nothing if there is none
kernel_driver() { local link; if link=$(readlink "/sys/bus/pci/devices/$1/driver"); then basename "$link"; fi; }

# pci_remove ADDRESS: the kernel forgets the function; the card stays where it is
pci_remove() { echo 1 > "/sys/bus/pci/devices/$1/remove"; }

# pci_rescan: the kernel looks at all buses again
pci_rescan() { echo 1 > /sys/bus/pci/rescan; }

# driver_bind ADDRESS DRIVER: hands the function to a kernel driver (vfio-pci, nvme, ...) and to no other
driver_bind() {
  local device=/sys/bus/pci/devices/$1
  echo "$2" > "$device/driver_override"
  if [ -e "$device/driver" ]; then echo "$1" > "$device/driver/unbind"; fi
  echo "$1" > /sys/bus/pci/drivers_probe
  [ "$(kernel_driver "$1")" = "$2" ] || lab_error "$1 is driven by '$(kernel_driver "$1")', not by $2"
}

# driver_unbind ADDRESS: takes the function from its kernel driver
driver_unbind() { echo "$1" > "/sys/bus/pci/devices/$1/driver/unbind"; }

# --- network -----------------------------------------------------------------------------------------------------------------

# peer_interface: name of the guest kernel's own NIC on the hub
peer_interface() {
  local interface
  for interface in /sys/class/net/*; do  # VLANs on it have the same address, but no device
    if [ -e "$interface/device" ] && [ "$(cat "$interface/address")" = 52:54:00:00:00:fe ]; then basename "$interface"; fi
  done
}

# peer_up CIDR: configures and raises it
peer_up() {
  local interface
  interface=$(peer_interface)
  ip address replace "$1" dev "$interface" && ip link set "$interface" up
}

# --- uevents -----------------------------------------------------------------------------------------------------------------

# uevents_start FILE: writes each uevent of the pci subsystem as one line into FILE from now on:
#     1700000000.123456 add 0000:02:00.0 DRIVER= CLASS=10802 ID=1B36:0010
uevents_start() {
  : > "$1"
  busybox uevent "$LAB_GUEST/uevent-line" "$1" 2> /dev/null &
  uevents_pid=$!
}

# uevents_stop: ends it
uevents_stop() { kill "$uevents_pid" 2> /dev/null; wait "$uevents_pid" 2> /dev/null || true; }
