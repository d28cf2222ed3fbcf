# Does QEMU's controller do what the specification says about admin commands and queues, wrong ones above all? Asked over its
# registers by a driver of the lab's own (nvme-compliance), so that nothing of the NVMe driver is in between.
install_busbar
head -c 1M /dev/urandom > /out/outside
first=$(slot_address 2)
. "$scenarios/ordinary.sh"
mv "$userhome/drivers/nvme-driver-bundle.jar" /run/
echo "commandTimeoutMillis = 5000" > "$userhome/conf/org.busbar.driver.nvme.cfg"
start_busbar "$userhome" "${user[@]}"
group=/dev/vfio/$(iommu_group "$mine")
chown 65534:65534 "$group"

asked() {
  bus "pci:list" 180
  : > "$userhome/conf/org.busbar.lab.compliance.cfg"
  bus "pci:await $mine bound 60" 90
  grep -q '^Uid:\s65534' "/proc/$bus_pid/status"
  bus "pci:drivers"
  says nvme-compliance
}
scenario "An ordinary user's driver for registers alone takes an NVMe" asked

complies() { bus "lab:compliance $mine $1"; }
scenario "Compliance: Identify Controller" complies identify-controller
scenario "Compliance: Identify into two pages, and with an invalid PRP offset" complies identify-data-pointer
scenario "Compliance: Identify of namespaces that are active, inactive and invalid" complies identify-namespace
scenario "Compliance: Identify of a reserved structure" complies identify-cns
scenario "Compliance: fused admin commands and SGLs are refused" complies fused-and-sgl
scenario "Compliance: unknown admin commands" complies opcodes
scenario "Compliance: every mandatory feature" complies features-mandatory
scenario "Compliance: reserved features and vectors that are not there" complies features-invalid
scenario "Compliance: number of queues, invalid, valid and too late" complies number-of-queues
scenario "Compliance: a temperature threshold is an event" complies temperature-event
scenario "Compliance: more asynchronous event requests than allowed" complies event-limit
scenario "Compliance: every mandatory log page, and one that is not there" complies logs-mandatory
scenario "Compliance: log pages from an offset, and from behind their end" complies log-offset
scenario "Compliance: abort of a command that is not there" complies abort-unknown
scenario "Compliance: format of what is not there, and to a format that is not there" complies format-invalid
scenario "Compliance: completion queues with an invalid identifier, size and vector" complies create-completion-queue
scenario "Compliance: submission queues with an invalid identifier, size and completion queue" complies create-submission-queue
scenario "Compliance: queues that are not contiguous" complies queue-contiguous
scenario "Compliance: queues created twice" complies queue-created-twice
scenario "Compliance: deletion of the admin queues" complies delete-admin-queues
scenario "Compliance: a submission queue deleted twice" complies delete-submission-queue-twice
scenario "Compliance: a completion queue deleted before its submission queue" complies delete-completion-queue-first
scenario "Compliance: as many queue pairs as granted, and not one more" complies queue-pairs-at-most
scenario "Compliance: two submission queues with one completion queue" complies completion-queue-shared
scenario "Compliance: invalid values and queues rung at doorbells are events" complies doorbell-invalid
scenario "Compliance: I/O commands out of range leave the queue in order" complies io-invalid
scenario "Compliance: shutdown, reset and work again" complies shutdown-and-back

no_case_left_out() {
  local asked
  bus "lab:compliance"
  asked=$(grep -c '^scenario .* complies ' "$scenarios/compliance.sh")
  is "number of cases" "$(grep -c . <<< "$answer")" "$asked"
}
scenario "Compliance: no case is left out" no_case_left_out

with_the_nvme_driver() {
  rm "$userhome/conf/org.busbar.lab.compliance.cfg"
  state "$mine" unbound
  cp /run/nvme-driver-bundle.jar "$userhome/incoming" && mv "$userhome/incoming" "$userhome/drivers/nvme-driver-bundle.jar"
  state "$mine" bound
  bus "nvme:list"
  says "$mine"
}
scenario "The NVMe driver takes the card over as it was left" with_the_nvme_driver
