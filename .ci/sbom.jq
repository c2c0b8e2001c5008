# Of the bill of materials that cargo-cyclonedx writes, what is in the module: $linked, a line `name@version` each.
# Without it there would be derive macros, and what only tests switch on. $root is where it was written,
# and of $commit the number is made that a bill has to have: an UUID of version 8.
($linked | split("\n") | map(select(. != "")) | unique) as $linked
| (.metadata.component | "\(.name)@\(.version)") as $policy
| .components |= map(select("\(.name)@\(.version)" | IN($linked[])))
| if [$policy, (.components[] | "\(.name)@\(.version)")] | sort == $linked then .
  else error("not what is linked: \([.components[].name])") end
| [.metadata.component, .components[] | ."bom-ref"] as $refs
| .dependencies |= map(select(.ref | IN($refs[])) | (.dependsOn // empty) |= map(select(IN($refs[]))))
| walk(if type == "string" then (split($root) | join("")) | sub("\\?download_url=file:[^#]*"; "") else . end)
| .serialNumber = "urn:uuid:\($commit[0:8])-\($commit[8:12])-8\($commit[12:15])-8\($commit[15:18])-\($commit[18:30])"
