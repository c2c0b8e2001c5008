#!/usr/bin/env node
// The command `fresh-images`: the one of the releases, compiled to WebAssembly, with the files of this machine.
import { readFileSync, statSync, chmodSync } from 'node:fs'
import { parse } from 'node:path'

// That WASI is experimental in Node.js is nothing to tell everybody at each run.
const { emitWarning } = process
process.emitWarning = (warning, ...rest) => {
  if (!/WASI/.test(String(warning))) emitWarning.call(process, warning, ...rest)
}
const { WASI } = await import('node:wasi')

const { root } = parse(process.cwd())
const directory = `/${process.cwd().slice(root.length).replaceAll('\\', '/')}`
const wasi = new WASI({
  version: 'preview1',
  args: ['fresh-images', ...process.argv.slice(2)],
  env: { ...process.env, FRESH_IMAGES_DIRECTORY: directory },
  preopens: { '/': root },
  returnOnExit: true,
})

const imports = wasi.getImportObject()
let memory
// A file that replaces another gets its mode, which WASI does not know of; one that is read-only is not replaced.
const ACCESS = 2
const { path_rename: rename } = imports.wasi_snapshot_preview1
imports.wasi_snapshot_preview1.path_rename = (fromFd, from, fromLength, toFd, to, toLength) => {
  const path = (start, length) => root + Buffer.from(memory.buffer, start, length).toString().replace(/^\//, '')
  try {
    const { mode } = statSync(path(to, toLength))
    if ((mode & 0o222) === 0) return ACCESS
    chmodSync(path(from, fromLength), mode)
  } catch {
    // There is none yet.
  }
  return rename(fromFd, from, fromLength, toFd, to, toLength)
}

const module = await WebAssembly.compile(readFileSync(new URL('fresh_images_cli.wasm', import.meta.url)))
const instance = await WebAssembly.instantiate(module, imports)
memory = instance.exports.memory
process.exitCode = wasi.start(instance)
