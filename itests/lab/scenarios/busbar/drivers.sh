# Driver bundles leave and come back; jars and settings that cannot be used.
jar_deleted() {
  local from
  bound 2 "$(nvme n2 S1)"
  bus "lab:put $first $far /out/inside"
  bus "lab:hammer $first 8"
  bus "lab:progress $first 100"
  from=$EPOCHREALTIME
  withdraw nvme-driver-bundle.jar
  state "$first" unbound
  note "from the jar's deletion to unbound: $(milliseconds "$from") ms"
  bus "lab:ended $first"
  note "$answer"
  bus "nvme:list"
  says "no block devices"
  bus "pci:drivers"
  [[ $answer != *"nvme "* ]] || fail "the driver is still there: $answer"
  state "$second" unbound
  drop "$jars/nvme-driver-bundle.jar"
  state "$first" bound
  state "$second" bound
  bus "lab:same $first $far /out/inside"
}
scenario "A driver jar deleted under I/O gives its devices up, dropped in again drives them again" jar_deleted

bad_jars() {
  bound 2 "$(nvme n2 S1)"
  bus "lab:hammer $first 8"
  echo "this is no jar" > "$home/incoming"
  mv "$home/incoming" "$home/drivers/garbage.jar"
  drop "$busbar/lib/busbar-launcher.jar" plain.jar
  drop /run/homesick.jar
  drivers_say "garbage.jar: is no jar"
  drivers_say "plain.jar: is no OSGi bundle"
  drivers_say "homesick.jar: needs what no bundle here has: package org.example.nowhere"
  note "$answer"
  bus "lab:progress $first 100"
  withdraw garbage.jar
  withdraw plain.jar
  withdraw homesick.jar
  bus "lab:stop $first"
  state "$second" bound 5
}
# drivers_say TEXT: pci:drivers does, once the folder has been looked at
drivers_say() {
  local deadline=$((SECONDS + patience))
  until bus "pci:drivers" && [[ $answer == *"$1"* ]]; do
    ((SECONDS < deadline)) || fail "'$1' is not in the answer: $answer"
  done
}
mkdir -p /run/homesick/META-INF
printf '%s\n' "Bundle-ManifestVersion: 2" "Bundle-SymbolicName: org.example.homesick" "Bundle-Version: 1.0.0" \
  'Import-Package: org.example.nowhere;version="[1.0,2)"' > /run/homesick.mf
"$JAVA_HOME/bin/jar" -J-XX:TieredStopAtLevel=1 -J-XX:+UseSerialGC --create --file /run/homesick.jar --manifest /run/homesick.mf
scenario "Jars that are no bundles or cannot be resolved are named, and nothing else is touched" bad_jars

bad_configuration() {
  local lone
  lone=$(slot_address 5)
  bound 2 "$(nvme n2 S1)"
  bus "lab:hammer $first 8"
  card 5 "$(nvme n3 M1)"
  state "$lone" bound
  configure "claims = 0000:02:00.0, 0000:03:00.0"
  state "$lone" denied
  bus "lab:progress $first 100"
  configure "claims = everything, please"
  why_says "$lone" "malformed"
  note "$answer"
  bus "lab:progress $first 100"
  state "$first" bound 5
  state "$second" bound 5
  configure "claims = 1b36:0010"
  bus "lab:progress $first 100"
  bus "lab:stop $first"
  state "$lone" bound
  surprise_pull 5
}
scenario "A malformed configuration is named, the one before stays in force" bad_configuration
