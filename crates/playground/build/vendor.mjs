// Copies the packages that the page imports, and all that they import, as the ES modules that they are.
import { cpSync, readFileSync } from 'node:fs'

import { playground } from './paths.mjs'

const modules = `${playground}node_modules/`
const manifest = (folder) => JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'))

/** The import map's `imports`, and the packages with their names, versions and folders. */
export function vendor(site) {
  const imports = {}
  const packages = []
  const waiting = Object.keys(manifest(playground).dependencies)
  for (const name of waiting) {
    const folder = modules + name
    const { version, license, exports, dependencies = {} } = manifest(folder)
    const file = `vendor/${name}.js`
    cpSync(`${folder}/${exports.import}`, `${site}/${file}`)
    imports[name] = `./${file}`
    packages.push({ name, version, license, folder })
    // An array takes what is pushed to it while it is walked.
    waiting.push(...Object.keys(dependencies).filter((dependency) => !waiting.includes(dependency)))
  }
  return { imports, packages }
}
