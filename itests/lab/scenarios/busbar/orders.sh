# Two drivers' bundles, which know nothing of each other, in both orders.

# probed_once ADDRESS BEFORE: since it had that many probes
probed_once() { is "probes of $1" "$(shown "$1" probes)" "$(($2 + 1))"; }

# both_arrive JAR JAR
both_arrive() {
  local disk_probes nic_probes
  bound 2 "$(nvme n2 S1)"
  card 4 "$(e1000e h0 01)"
  bus "pci:await $nic present"
  for jar in "$home"/drivers/*.jar; do withdraw "${jar##*/}"; done
  state "$first" unbound
  state "$nic" unbound
  disk_probes=$(shown "$first" probes)
  nic_probes=$(shown "$nic" probes)
  drop "$jars/$1"
  drop "$jars/$2"
  state "$first" bound
  state "$nic" bound
  bus "pci:rescan"
  bus "pci:settle 30"
  is "driver of $first" "$(shown "$first" driver)" nvme
  is "kernel driver of $nic" "$(kernel_driver "$nic")" vfio-pci
  probed_once "$first" "$disk_probes"
  probed_once "$nic" "$nic_probes"
  bus "pci:drivers"
}
storage_first() { both_arrive nvme-driver-bundle.jar nic-driver-bundle.jar; }
network_first() { both_arrive nic-driver-bundle.jar nvme-driver-bundle.jar; }

configure "claims = 1b36:0010, 8086:10d3"
scenario "Two drivers' bundles, storage first: each device probed once" storage_first
scenario "Two drivers' bundles, network first: the same bindings" network_first
