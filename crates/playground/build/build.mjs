// Builds target/playground/npm, the package, and target/playground/site, the page. `build.mjs page` takes the package as
// it is.
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createHash } from 'node:crypto'
import { homedir } from 'node:os'
import { brotliCompressSync } from 'node:zlib'

import { examples } from './examples.mjs'
import { ofCrates, ofPackages } from './licenses.mjs'
import { built, playground, root } from './paths.mjs'
import { settingsKeys } from './settings-keys.mjs'
import { vendor } from './vendor.mjs'

// KiB. The module is what a first visit waits for.
const limit = (name, kib) => Number(process.env[name] ?? kib) * 1024
const MAX_WASM = limit('MAX_PLAYGROUND_WASM_KIB', 384)
const MAX_WASM_BROTLI = limit('MAX_PLAYGROUND_WASM_BROTLI_KIB', 144)
// Only whoever asks what runs waits for it.
const MAX_STALE = limit('MAX_PLAYGROUND_STALE_KIB', 288)
// In the npm package; npx downloads a third of it.
const MAX_COMMAND = limit('MAX_NPM_COMMAND_KIB', 5120)
const MAX_SITE_BROTLI = limit('MAX_PLAYGROUND_SITE_KIB', 600)

const npm = `${built}/npm`
const site = `${built}/site`

// Where the sources lie does not show in the module.
const cargoHome = process.env.CARGO_HOME ?? `${homedir()}/.cargo`
const remap = `--remap-path-prefix=${cargoHome}/registry/src=cargo --remap-path-prefix=${root.replace(/\/$/, '')}=.`
process.env.CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS ??= remap
process.env.CARGO_TARGET_WASM32_WASIP1_RUSTFLAGS ??= remap

const run = (program, ...args) => execFileSync(program, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] })
const read = (file) => readFileSync(file, 'utf8')
const files = (folder) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.parentPath}/${entry.name}`)

const kib = (bytes) => `${(bytes / 1024).toFixed(1)} KiB`
const brotli = (file) => brotliCompressSync(readFileSync(file)).length
function hold(what, bytes, most) {
  console.log(`${what}: ${bytes} bytes, ${kib(bytes)} of ${kib(most)}`)
  if (bytes > most) {
    console.error(`${what} is too large`)
    process.exitCode = 1
  }
}

function empty(folder) {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
}

function targetDirectory() {
  const metadata = execFileSync('cargo', ['metadata', '--format-version=1', '--no-deps'], { cwd: root, maxBuffer: 1 << 28 })
  return JSON.parse(metadata).target_directory
}

const TARGET = 'wasm32-unknown-unknown'

/** Compiles a crate to `NAME.js` and `NAME_bg.wasm` in the package. */
function buildModule(crate, name) {
  const target_directory = targetDirectory()
  run(
    'cargo', 'rustc', '--profile=playground', `--package=${crate}`, '--lib', `--target=${TARGET}`,
    // Alone, for else there is no link-time optimization.
    '--crate-type=cdylib',
  )
  const module = `${target_directory}/${TARGET}/playground/${crate.replaceAll('-', '_')}.wasm`
  const bound = `${built}/bindgen`
  empty(bound)
  const tool = `${playground}bindgen/Cargo.toml`
  run('cargo', 'run', '--quiet', '--locked', `--manifest-path=${tool}`, `--target-dir=${target_directory}/bindgen`, '--', module, bound, name)
  cpSync(`${bound}/${name}.js`, `${npm}/${name}.js`)
  // No feature is switched on: what rustc says that it used is what every browser of today has.
  run(
    'node', `${playground}node_modules/binaryen/bin/wasm-opt`, '-Oz', '--converge', '--strip-debug', '--strip-dwarf',
    '--strip-producers', '--strip-target-features', `${bound}/${name}_bg.wasm`, `--output=${npm}/${name}_bg.wasm`,
  )
}

function buildPackage() {
  empty(npm)
  cpSync(`${playground}npm`, npm, { recursive: true })
  buildModule('fresh-images-playground', 'fresh_images')
  buildModule('fresh-images-running', 'fresh_images_stale')
  cpSync(`${root}LICENSE`, `${npm}/LICENSE`)
  buildCommand()
  const licenses = [ofCrates('fresh-images-playground', TARGET), ofCrates('fresh-images-cli', 'wasm32-wasip1', '--no-default-features')]
  writeFileSync(`${npm}/THIRD-PARTY-LICENSES`, licenses.join('\nOf the command fresh-images:\n\n'))
}

// The command line, with everything but the network. What its users read and write are their own files.
function buildCommand() {
  const target = 'wasm32-wasip1'
  run('cargo', 'build', '--release', '--package=fresh-images-cli', '--bin=fresh-images', '--no-default-features', `--target=${target}`)
  cpSync(`${targetDirectory()}/${target}/release/fresh-images.wasm`, `${npm}/fresh_images_cli.wasm`)
}

function buildSite() {
  empty(site)
  cpSync(`${playground}www`, site, { recursive: true })
  mkdirSync(`${site}/fresh-images`)
  for (const name of ['browser', 'api', 'fresh_images', 'stale-browser', 'stale-api', 'fresh_images_stale']) {
    cpSync(`${npm}/${name}.js`, `${site}/fresh-images/${name}.js`)
  }
  for (const file of ['fresh_images_bg.wasm', 'fresh_images_stale_bg.wasm']) cpSync(`${npm}/${file}`, `${site}/fresh-images/${file}`)
  writeFileSync(`${site}/examples.json`, JSON.stringify(examples()))
  const keys = settingsKeys(JSON.parse(read(`${root}settings.schema.json`)))
  writeFileSync(`${site}/settings-keys.js`, `export default ${JSON.stringify(keys, null, 1)}\n`)
  const { imports, packages } = vendor(site)
  writeFileSync(`${site}/THIRD-PARTY-LICENSES.txt`, ofPackages(packages) + read(`${npm}/THIRD-PARTY-LICENSES`))
  cpSync(`${root}LICENSE`, `${site}/LICENSE.txt`)

  const importMap = JSON.stringify({ imports })
  const hash = createHash('sha256').update(importMap).digest('base64')
  // All at once, instead of one after the other as they import each other.
  const modules = files(site).map((file) => file.slice(site.length + 1)).filter((file) => file.endsWith('.js'))
  const preloads = modules
    .filter((file) => !['judge.js', 'running.js', 'running-worker.js'].includes(file) && !file.startsWith('fresh-images/'))
    .map((file) => `<link rel="modulepreload" href="${file}">`)
  const { version } = JSON.parse(read(`${npm}/package.json`))
  const html = read(`${site}/index.html`)
  const filled = html
    .replace('IMPORT_MAP_HASH', () => `sha256-${hash}`)
    .replace('<!-- import map -->', () => `<script type="importmap">${importMap}</script>`)
    .replace('<!-- preloads -->', () => preloads.sort().join('\n'))
    .replace('VERSION', () => version)
  writeFileSync(`${site}/index.html`, filled)
  writeFileSync(`${site}/running.html`, read(`${site}/running.html`).replace('VERSION', () => version))
}

if (process.argv[2] !== 'page') buildPackage()
buildSite()

const wasm = `${npm}/fresh_images_bg.wasm`
hold('module', readFileSync(wasm).length, MAX_WASM)
hold('module, brotli', brotli(wasm), MAX_WASM_BROTLI)
hold('module of what runs', readFileSync(`${npm}/fresh_images_stale_bg.wasm`).length, MAX_STALE)
hold('command', readFileSync(`${npm}/fresh_images_cli.wasm`).length, MAX_COMMAND)
const sizes = files(site).map((file) => [brotli(file), file.slice(site.length + 1)])
for (const [bytes, file] of sizes.sort(([a], [b]) => b - a).slice(0, 8)) console.log(`  ${kib(bytes).padStart(10)}  ${file}`)
hold(`page, ${sizes.length} files, brotli each`, sizes.reduce((sum, [bytes]) => sum + bytes, 0), MAX_SITE_BROTLI)
