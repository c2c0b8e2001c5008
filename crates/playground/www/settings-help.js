// Explains each key of the settings where it is typed: completions, a tooltip, and the text below the editor.
import { autocompletion, startCompletion } from '@codemirror/autocomplete'
import { yamlLanguage } from '@codemirror/lang-yaml'
import { syntaxTree } from '@codemirror/language'
import { EditorView, hoverTooltip } from '@codemirror/view'

import { element, prose } from './dom.js'
import known from './settings-keys.js'

/** In a whole policy the settings are below this path. */
const IN_POLICY = 'spec.settings'

/** The path of a node: for a key and for its value, the path of that key. */
function pathOf(node, text) {
  const parts = []
  for (let at = node; at; at = at.parent) {
    const key = at.name === 'Pair' && at.getChild('Key')
    if (key) parts.unshift(text(key).replace(/^(["'])(.*)\1$/, '$2'))
    if (at.name === 'Item') parts.unshift('[]')
  }
  return parts.join('.').replaceAll('.[]', '[]')
}

const isPolicy = (text) => /^apiVersion:/m.test(text)

/** The path within the settings for a path in the text; null if it is outside. */
function withinSettings(path, text) {
  if (!isPolicy(text)) return path
  if (path === IN_POLICY) return ''
  return path.startsWith(`${IN_POLICY}.`) ? path.slice(IN_POLICY.length + 1) : null
}

const STAND_IN = 'placeholder'

/** The node that a word would be if it replaced a range of the text. */
function standIn(text, from, to, word) {
  const tried = text.slice(0, from) + word + text.slice(to)
  const node = yamlLanguage.parser.parse(tried).resolveInner(from + 1)
  return { node, slice: (it) => tried.slice(it.from, it.to) }
}

/** The path of the key at a position, within the settings. */
function keyAt(state, position) {
  const text = state.doc.toString()
  const slice = (node) => text.slice(node.from, node.to)
  const paths = [1, -1].map((side) => pathOf(syntaxTree(state).resolveInner(position, side), slice))
  // After a colon with nothing behind it there is no node yet.
  const { node, slice: sliceTried } = standIn(text, position, position, STAND_IN)
  for (const path of [...paths, pathOf(node, sliceTried)]) {
    const key = withinSettings(path, text)?.replace(/\[\]$/, '')
    if (key && known[key]) return key
  }
  return null
}

/** What is possible at a position: the keys of the map `keysOf`, or the values of the key `valueOf`. */
function contextAt(text, from, to) {
  const isKey = ({ node }) => node.name === 'Literal' && node.parent?.name === 'Key'
  const value = standIn(text, from, to, STAND_IN)
  const valueOf = pathOf(value.node, value.slice)
  const line = text.slice(text.lastIndexOf('\n', from - 1) + 1, from)
  // After a colon in the same line it is not a key.
  if (/:\s+$/.test(line) || (!isKey(value) && /\[[^\]]*$/.test(line))) return { valueOf }
  const key = isKey(value) ? value : standIn(text, from, to, `${STAND_IN}: `)
  if (!isKey(key)) return { valueOf }
  const map = key.node.parent.parent.parent
  const siblings = map.getChildren('Pair').map((pair) => pair.getChild('Key')).filter(Boolean).map(key.slice)
  return { keysOf: pathOf(map, key.slice), valueOf, siblings: new Set(siblings) }
}

/** The text to insert after a key. */
function afterKey(holds, indent, isFlow) {
  if (isFlow) return { value: ': ', list: ': []', map: ': {}', maps: ': []' }[holds]
  const deeper = `\n${indent}  `
  return { value: ': ', list: `:${deeper}- `, map: `:${deeper}`, maps: `:${deeper}- ` }[holds]
}

function keyCompletion(path, key, { indent, isFlow, hasColon }) {
  const it = known[path]
  return {
    label: key,
    type: 'property',
    detail: it.values?.map(({ value }) => value).join(' | ') ?? { list: 'list', map: 'map', maps: 'list of maps' }[it.holds],
    info: () => described(path),
    apply(view, completion, from, to) {
      const insert = key + (hasColon ? '' : afterKey(it.holds, indent, isFlow))
      const inside = isFlow && /[\]}]$/.test(insert) ? 1 : 0
      view.dispatch({ changes: { from, to, insert }, selection: { anchor: from + insert.length - inside }, userEvent: 'input.complete' })
      startCompletion(view)
    },
  }
}

/** What may be typed at the cursor. */
function complete(context) {
  const word = context.matchBefore(/[\w*][\w.*/@-]*/) ?? { from: context.pos, to: context.pos }
  if (word.from === word.to && !context.explicit) return null
  const text = context.state.doc.toString()
  const end = context.pos + text.slice(context.pos).match(/^\w*/)[0].length
  const { keysOf, valueOf, siblings } = contextAt(text, word.from, end)
  const options = []
  const map = keysOf === undefined ? null : withinSettings(keysOf, text)
  if (map !== null) {
    const { text: line, from } = context.state.doc.lineAt(context.pos)
    const before = line.slice(0, word.from - from)
    const place = { indent: before.replace(/[^ ]/g, ' '), isFlow: /[{[,]/.test(before), hasColon: /^\s*:/.test(text.slice(end)) }
    const prefix = map && `${map}.`
    for (const path of Object.keys(known)) {
      const key = path.slice(prefix.length)
      if (path.startsWith(prefix) && !/[.[]/.test(key) && !siblings.has(key)) options.push(keyCompletion(path, key, place))
    }
  }
  const path = withinSettings(valueOf, text)?.replace(/\[\]$/, '')
  const it = known[path]
  if (options.length === 0 && it) {
    for (const [index, { value, description }] of (it.values ?? []).entries()) {
      // In the order of the schema.
      options.push({ label: value, type: 'enum', boost: -index, info: description && (() => element('p', {}, ...prose(description))) })
    }
    for (const example of it.examples ?? []) {
      // Quotes, if the text would be an alias or a tag.
      const label = /^[*&!]/.test(example) ? `"${example}"` : example
      options.push({ label, type: 'text', detail: 'for example', info: () => described(path) })
    }
  }
  return options.length === 0 ? null : { from: word.from, to: end, options, validFor: /^\w*$/ }
}

/** The whole help for a key. */
function described(path) {
  const { description, values, default: usual, examples, required } = known[path]
  const parts = [element('p', {}, element('code', { class: 'key' }, path), ' ', ...prose(description))]
  if (required) parts[0].append(' Required.')
  if (usual !== undefined) parts[0].append(' Default: ', element('code', {}, String(usual)), '.')
  if (examples) {
    parts[0].append(' For example ')
    examples.forEach((example, index) => parts[0].append(index ? ', ' : '', element('code', {}, example)))
    parts[0].append('.')
  }
  const explained = values?.filter((it) => it.description) ?? []
  if (explained.length > 0) {
    const rows = explained.flatMap((it) => [element('dt', {}, element('code', {}, it.value)), element('dd', {}, ...prose(it.description))])
    parts.push(element('dl', {}, ...rows))
  }
  return element('div', { class: 'explained' }, ...parts)
}

function overview() {
  const top = Object.keys(known).filter((path) => !/[.[]/.test(path))
  const list = top.flatMap((key, index) => [index ? ', ' : '', element('code', {}, key)])
  return element('div', { class: 'explained' }, element('p', {}, 'All settings are optional: ', ...list, '.'))
}

/** The extensions of the editor, and the text below it. */
export function settingsHelp(below) {
  let shown
  const explain = (state) => {
    const key = keyAt(state, state.selection.main.head)
    if (key !== shown) below.replaceChildren(key ? described(key) : overview())
    shown = key
  }
  below.replaceChildren(overview())
  return [
    autocompletion({ override: [complete], icons: false }),
    EditorView.updateListener.of(({ state, selectionSet, docChanged }) => (selectionSet || docChanged) && explain(state)),
    hoverTooltip((view, position) => {
      const node = syntaxTree(view.state).resolveInner(position, -1)
      if (node.parent?.name !== 'Key') return null
      const key = keyAt(view.state, position)
      return key && { pos: node.from, end: node.to, above: true, create: () => ({ dom: described(key) }) }
    }),
  ]
}
