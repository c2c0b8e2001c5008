#!/bin/sh
# Installs the command fresh-images from a release:
#
#   curl --proto '=https' --tlsv1.2 -fsSL https://github.com/fresh-images/fresh-images/releases/latest/download/install.sh | sh
#
# VERSION=1.2.3 chooses a release, INSTALL_DIR=~/bin a directory. The archive is compared with the checksums of the release;
# where GitHub's `gh` is there, it also verifies which workflow built it.
set -eu

repository=fresh-images/fresh-images
releases=${FRESH_IMAGES_RELEASES:-https://github.com/$repository/releases}
directory=${INSTALL_DIR:-$HOME/.local/bin}

fail() { echo "install: $1" >&2; exit 1; }
has() { command -v "$1" > /dev/null 2>&1; }

case $(uname -s) in
  Linux) system=unknown-linux-musl ;;
  Darwin) system=apple-darwin ;;
  *) fail "there is no binary for $(uname -s); on Windows use install.ps1, elsewhere npx fresh-images" ;;
esac
case $(uname -m) in
  x86_64 | amd64) target=x86_64-$system ;;
  arm64 | aarch64) target=aarch64-$system ;;
  *) fail "there is no binary for $(uname -m); use npx fresh-images" ;;
esac

if [ -n "${VERSION:-}" ]; then from=$releases/download/v${VERSION#v}; else from=$releases/latest/download; fi
archive=fresh-images-$target.tar.gz
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

get() {
  if has curl; then curl -fsSL --retry 3 -o "$work/$1" "$from/$1"; else wget -q -O "$work/$1" "$from/$1"; fi ||
    fail "$from/$1 cannot be downloaded"
}
get "$archive"
get SHA256SUMS

cd "$work"
grep " $archive\$" SHA256SUMS > sum || fail "SHA256SUMS does not name $archive"
if has sha256sum; then sha256sum -c sum > /dev/null; else shasum -a 256 -c sum > /dev/null; fi ||
  fail "$archive has another checksum than the release names"
if [ -z "${FRESH_IMAGES_RELEASES:-}" ] && has gh && gh auth status > /dev/null 2>&1; then
  gh attestation verify "$archive" --repo "$repository" > /dev/null || fail "$archive was not built by $repository"
fi

tar -xzf "$archive" fresh-images
mkdir -p "$directory"
# A program that runs now keeps its file.
mv fresh-images "$directory/.fresh-images.new"
mv "$directory/.fresh-images.new" "$directory/fresh-images"
"$directory/fresh-images" --version
case :$PATH: in *":$directory:"*) ;; *) echo "install: add $directory to your PATH" >&2 ;; esac
