#!/usr/bin/env bash
# Puts the Linux 6.1 sources (Debian package linux-source-6.1) into a folder outside the repository:
# ${QUERN_CORPORA:-$HOME/.cache/quern-corpora}/linux-6.1. Does nothing if that folder is already whole.
# Prints the folder on standard output; everything else goes to standard error.
set -euo pipefail

package=linux-source-6.1
corpora=${QUERN_CORPORA:-$HOME/.cache/quern-corpora}
target=$corpora/linux-6.1
note=$corpora/linux-6.1.txt

if [[ -f $note && -d $target ]]; then
  cat "$note" >&2
  echo "$target"
  exit 0
fi

for tool in apt-get dpkg-deb sha256sum tar xz; do
  command -v "$tool" >/dev/null || { echo "linux.sh needs $tool (Debian or Ubuntu)" >&2; exit 1; }
done

mkdir -p "$corpora"
work=$(mktemp -d "$corpora/.unpack-XXXXXX")
trap 'rm -rf "$work"' EXIT
cd "$work"
# apt drops its rights to the user _apt, which must be able to write here.
chmod 0755 "$work"

fetch() { apt-get -o APT::Sandbox::User=root download "$package" >&2; }
fetch || { apt-get update >&2 && fetch; }
archives=("$package"_*.deb)
archive=${archives[0]}
checksum=$(sha256sum "$archive" | cut -d' ' -f1)

dpkg-deb --fsys-tarfile "$archive" | tar -xO "./usr/src/$package.tar.xz" | tar -xJ
rm -rf "$target"
mv "$package" "$target"

files=$(find "$target" -type f | wc -l)
bytes=$(find "$target" -type f -printf '%s\n' | awk '{ sum += $1 } END { print sum }')
printf 'package %s\nsha256 %s\nfiles %s\nbytes %s\n' "$archive" "$checksum" "$files" "$bytes" >"$note"
cat "$note" >&2
echo "$target"
