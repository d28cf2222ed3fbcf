# A card of QEMU's, exported over NBD by the ordinary user's Busbar, in the hands of Debian's programs.
exported() {
  local uri
  bus "nvme:export $mine/n1 --write"
  uri=$(grep -o 'nbd+unix:///[^ ]*' <<< "$answer")
  head -c 16M /dev/urandom > /run/taken
  chmod a+r /run/taken
  nbdinfo "$uri" > /run/nbdinfo
  grep -q "export-size: $(stat -c %s /out/n1.img)" /run/nbdinfo || fail "$(< /run/nbdinfo)"
  nbdcopy --flush /run/taken "$uri"
  cmp -n $((16 << 20)) /run/taken /out/n1.img
  qemu-img dd -f raw -O raw bs=1M count=16 "if=$uri" of=/run/back
  cmp /run/taken /run/back
  bus "nvme:export --list"
  note "$answer"
  bus "nvme:unexport $mine/n1"
  rm /run/taken /run/back
}
scenario "An NBD export: nbdcopy's data is on the disk, and is read back" exported
