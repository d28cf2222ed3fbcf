# Busbar on a machine whose IOMMU is off:   LAB_KERNEL_ARGS=intel_iommu=off itests/lab/lab run itests/lab/scenarios/busbar-no-iommu.sh
scenarios=$LAB_GUEST/../scenarios/busbar
. "$scenarios/harness.sh"
. "$scenarios/no-iommu.sh"
exit $((failures > 0))
