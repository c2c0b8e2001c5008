// The examples to choose from: examples/, and the cases of tests/corpus/ that are YAML. A case of JSON is there for the
// form of its text, which a reader of files sees otherwise.
import { readFileSync, readdirSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import { parse, stringify } from 'yaml'

import { root } from './paths.mjs'

const read = (file) => readFileSync(root + file, 'utf8')

/** A line of settings as a person would write it, if they are any. */
function unfolded(settings) {
  const value = parse(settings)
  if (value === null || typeof value !== 'object' || Object.keys(value).length === 0) return `${settings}\n`
  const text = stringify(value, { lineWidth: 0 })
  return isDeepStrictEqual(parse(text), value) ? text : `${settings}\n`
}

/** Of examples/README.md: the rows `| [file](file) | what it is | verdict |`. */
function* own() {
  for (const [, file, description, expect] of read('examples/README.md').matchAll(/^\| \[(.*?)\]\(.*?\) \| (.*?) \| (.*?) \|$/gm)) {
    yield { group: 'examples', name: file.replace(/\.\w+$/, ''), description, expect, settings: '', manifests: read(`examples/${file}`) }
  }
}

/** As tests/corpus/README.md says: a comment with a description, SETTINGS and EXPECT, then what is judged. */
function* corpus() {
  const folder = 'tests/corpus'
  for (const file of readdirSync(root + folder, { recursive: true }).filter((it) => it.endsWith('.yaml')).sort()) {
    const [, header, manifests] = read(`${folder}/${file}`).match(/^((?:#.*\n)+)([^]*)$/)
    const lines = header.trimEnd().split('\n').map((line) => line.replace(/^# ?/, ''))
    const directive = (name) => lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2)
    const description = lines.filter((line) => !/^[A-Z]{2,}:/.test(line)).join(' ')
    const settings = directive('SETTINGS')
    const [group, name] = file.replace(/\.yaml$/, '').split('/')
    const expect = { accept: 'accepted', reject: 'rejected', warn: 'warned' }[directive('EXPECT')]
    yield { group, name, description, expect, settings: settings ? unfolded(settings) : '', manifests }
  }
}

export const examples = () => [...own(), ...corpus()]
