# A machine without IOMMU.
install_busbar
mkdir -p /run/home/conf /run/home/drivers
cp "$busbar/conf/logback.xml" /run/home/conf/
cp "$jars/nvme-driver-bundle.jar" /run/home/drivers/
echo "claims = 1b36:0010" > /run/home/conf/org.busbar.pci.linux.cfg
start_busbar /run/home

no_iommu() {
  local card
  card=$(slot_address 2)
  bus "pci:list" 180
  insert 2 "$(nvme n0 A1)"
  bus "pci:await $card present"
  why_says "$card" "the machine has no IOMMU, or it is off"
  note "$answer"
  is "kernel driver" "$(kernel_driver "$card")" ""
  is "override" "$(override "$card")" "(null)"
}
scenario "Without an IOMMU no device is taken, and it is said what to turn on" no_iommu
stop_busbar
