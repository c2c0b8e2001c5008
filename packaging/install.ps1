# Installs the command fresh-images from a release:
#
#   irm https://github.com/fresh-images/fresh-images/releases/latest/download/install.ps1 | iex
#
# $env:VERSION chooses a release, $env:INSTALL_DIR a directory. The archive is compared with the checksums of the release.
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'

$releases = 'https://github.com/fresh-images/fresh-images/releases'
$directory = if ($env:INSTALL_DIR) { $env:INSTALL_DIR } else { Join-Path $env:LOCALAPPDATA 'Programs\fresh-images' }
$from = if ($env:VERSION) { "$releases/download/v$($env:VERSION.TrimStart('v'))" } else { "$releases/latest/download" }
$archive = 'fresh-images-x86_64-pc-windows-msvc.tar.gz'
$work = Join-Path ([IO.Path]::GetTempPath()) ([Guid]::NewGuid())
New-Item -ItemType Directory $work | Out-Null
try {
  foreach ($file in $archive, 'SHA256SUMS') { Invoke-WebRequest -UseBasicParsing "$from/$file" -OutFile (Join-Path $work $file) }
  $line = Get-Content (Join-Path $work 'SHA256SUMS') | Where-Object { $_.EndsWith(" $archive") }
  if (-not $line) { throw "SHA256SUMS does not name $archive" }
  $hash = (Get-FileHash -Algorithm SHA256 (Join-Path $work $archive)).Hash
  if ($hash -ne $line.Split(' ')[0]) { throw "$archive has another checksum than the release names" }
  New-Item -ItemType Directory -Force $directory | Out-Null
  tar -xzf (Join-Path $work $archive) -C $directory fresh-images.exe
  if ($LASTEXITCODE -ne 0) { throw "$archive cannot be unpacked" }
} finally {
  Remove-Item -Recurse -Force $work
}
& (Join-Path $directory 'fresh-images.exe') --version
if (-not (";$env:PATH;").Contains(";$directory;")) { Write-Warning "add $directory to your PATH" }
