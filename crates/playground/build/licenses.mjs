// The licences of what is passed on: every text that stands beside the sources.
import { execFileSync } from 'node:child_process'
import { readFileSync, readdirSync } from 'node:fs'
import { dirname } from 'node:path'

import { root } from './paths.mjs'

const RULE = '='.repeat(80)

export function ofPackages(packages) {
  let all = ''
  for (const { name, version, license, folder } of packages.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const texts = readdirSync(folder).filter((file) => /^(licen[cs]e|copying|notice|unlicense)/i.test(file)).sort()
    // Some crates leave the text out. We take them under the licence of which ours is a copy.
    const isApache = /Apache-2\.0/.test(license)
    if (texts.length === 0 && !isApache) throw new Error(`${folder}: no licence text`)
    all += `${RULE}\n${name} ${version}, ${license}\n${RULE}\n\n`
    if (texts.length === 0) all += 'Apache License 2.0, whose text is in the file LICENSE.\n\n'
    for (const text of texts) all += `${readFileSync(`${folder}/${text}`, 'utf8').trim()}\n\n`
  }
  return all
}

/** Of the crates that are linked into a module, but those of this workspace. */
export function ofCrates(crate, target, ...features) {
  const { packages, resolve, workspace_members } = JSON.parse(
    execFileSync('cargo', ['metadata', '--format-version=1', `--filter-platform=${target}`, ...features], {
      cwd: root,
      maxBuffer: 1 << 28,
    }),
  )
  const nodes = new Map(resolve.nodes.map((node) => [node.id, node]))
  const crates = new Map(packages.map((it) => [it.id, it]))
  const isLinked = (id) => !crates.get(id).targets.some(({ kind }) => kind.includes('proc-macro'))
  const linked = new Set([packages.find(({ name }) => name === crate).id])
  for (const id of linked) {
    for (const { pkg, dep_kinds } of nodes.get(id).deps) {
      if (dep_kinds.some(({ kind }) => kind === null) && isLinked(pkg)) linked.add(pkg)
    }
  }
  const others = [...linked].filter((id) => !workspace_members.includes(id)).map((id) => crates.get(id))
  return ofPackages(others.map((it) => ({ ...it, folder: dirname(it.manifest_path) })))
}
