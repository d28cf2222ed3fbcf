#     itests/lab/lab run itests/lab/scenarios/busbar-nvme.sh      after: ./mvnw -pl runtime,itests/lab-bundle -am package
scenarios=$LAB_GUEST/../scenarios/busbar
. "$scenarios/harness.sh"
. "$scenarios/compliance.sh"
. "$scenarios/depths.sh"
. "$scenarios/faults.sh"
. "$scenarios/nvme-end.sh"
exit $((failures > 0))
