// The verdict in one line, the findings with their places, and the proposed fixes.
import { changes } from './diff.js'
import { element, plural, prose } from './dom.js'

/** How many are shown at first, because thousands are slow in a browser. */
const MANY = 100
const CONTEXT = 2
/** How many characters of a long line are shown around a change. */
const AROUND = 80

/** The verdict in a word and in numbers: `{state, word, numbers}`. */
export function sum({ result, failure }) {
  if (failure) return { state: 'rejected', word: 'Could not be judged', numbers: failure }
  const { settings, summary, fixed } = result
  if (settings.length > 0) {
    return { state: 'rejected', word: 'Settings are not valid', numbers: `${plural(settings.length, 'problem')}; nothing was judged` }
  }
  const { documents, images, accepted, warned, rejected, unreadable } = summary
  const counts = { accepted: accepted - summary.fixed - warned, fixed: summary.fixed, warned, rejected, unreadable }
  const parts = Object.entries(counts).filter(([, count]) => count > 0).map(([what, count]) => `${count.toLocaleString('en')} ${what}`)
  const total = `${plural(documents, 'document')}, ${plural(images, 'image')}`
  const numbers = documents + unreadable > 1 && parts.length > 0 ? `${total}: ${parts.join(', ')}` : total
  if (rejected > 0) return { state: 'rejected', word: 'Rejected', numbers }
  if (unreadable > 0) return { state: 'rejected', word: 'Cannot be read', numbers }
  if (documents === 0) return { state: 'wait', word: 'Nothing to judge', numbers: '' }
  if (fixed !== null) return { state: 'fixed', word: 'Accepted once fixed', numbers }
  if (warned > 0) return { state: 'warned', word: 'Accepted, with warnings', numbers }
  return { state: 'accepted', word: 'Accepted', numbers }
}

const placeText = ({ line, column }) => (column ? `${line}:${column}` : `line ${line}`)

/** A button that goes to a place in a text. */
function place(at, what, goTo) {
  if (!at.line) return null
  return element(
    'button',
    { type: 'button', class: 'place', 'aria-label': `${placeText(at)}: go to ${what}`, onclick: () => goTo(at) },
    placeText(at),
  )
}

/** A message without the code at its end. */
const withoutCode = ({ message, code }) => (code && message.endsWith(` [${code}]`) ? message.slice(0, -code.length - 3) : message)

const finding = (it, goTo) =>
  element(
    'li',
    { class: 'finding' },
    element('p', { class: 'where' }, place(it, it.code ?? 'the finding', goTo), ' ', it.code && element('code', { class: 'code' }, it.code)),
    element('p', { class: 'message' }, withoutCode(it)),
  )

function titleOf({ kind, namespace, name, apiVersion }) {
  const named = [namespace, name].filter(Boolean).join('/')
  return [kind ?? apiVersion ?? 'Object', named].filter(Boolean).join(' ')
}

function stateOf({ accepted, fixed, findings, warnings }) {
  if (!accepted) return 'rejected'
  if (fixed) return 'fixed'
  return findings.length + warnings.length > 0 ? 'warned' : 'accepted'
}

function documentItem(it, goTo) {
  const state = stateOf(it)
  const title = titleOf(it)
  // A finding and its warning have the same text.
  const seen = new Set(it.findings.map(({ message }) => message))
  const warnings = it.warnings.filter((warning) => !seen.has(warning))
  const findings = it.findings.toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0))
  const below = [...findings.map((found) => finding(found, goTo)), ...warnings.map((warning) => element('li', { class: 'finding' }, element('p', { class: 'message' }, warning)))]
  return element(
    'li',
    { class: `document ${state}` },
    element('h3', {}, element('span', { class: `badge ${state}` }, state), ' ', element('span', { class: 'title' }, title), ' ', place({ line: it.line }, title, goTo)),
    below.length > 0 ? element('ul', {}, ...below) : null,
  )
}

const errorItem = (it, goTo) =>
  element(
    'li',
    { class: 'document rejected' },
    element('h3', {}, element('span', { class: 'badge rejected' }, 'unreadable'), ' ', place(it, 'what is unreadable', goTo)),
    element('p', { class: 'message' }, it.message),
  )

/** A list that shows more items on demand. */
function list(items, name) {
  const made = element('ol', { class: name })
  let from = 0
  const more = () => {
    const first = made.children.length
    made.append(...items.slice(from, from + MANY).map((make) => make()))
    from += MANY
    const left = items.length - from
    if (left > 0) button.textContent = `Show more, ${left.toLocaleString('en')} left`
    else button.remove()
    // The keyboard continues with the first new item.
    if (first > 0) made.children[first].querySelector('button')?.focus()
  }
  const button = element('button', { type: 'button', class: 'more', onclick: more })
  const both = element('div', {}, made, button)
  more()
  return both
}

/** All documents: rejected ones first, then the others, each in the order of the text. */
export function showFindings(parent, { result, failure }, goTo) {
  if (failure) return parent.replaceChildren()
  const { documents, errors, settings } = result
  if (settings.length > 0) return parent.replaceChildren()
  const rank = { rejected: 0, warned: 1, fixed: 2, accepted: 3 }
  const ranked = [
    ...errors.map((it) => ({ rank: 0, line: it.line ?? 0, make: () => errorItem(it, goTo) })),
    ...documents.map((it) => ({ rank: rank[stateOf(it)], line: it.line, make: () => documentItem(it, goTo) })),
  ].sort((a, b) => a.rank - b.rank || a.line - b.line)
  const unresolved = documents.some(({ findings }) => findings.some(({ code }) => code === 'digest-unresolved'))
  parent.replaceChildren(
    unresolved ? element('p', { class: 'note' }, 'This page asks no registry, so it knows no digests. In the cluster the policy asks the registries that the settings list.') : '',
    list(ranked.map(({ make }) => make), 'documents'),
  )
}

/** What is wrong with the settings. */
export function showSettingsProblems(parent, { result }, goTo) {
  const problems = result?.settings ?? []
  const items = problems.map((it) =>
    element('li', { class: 'finding' }, element('p', { class: 'where' }, place(it, 'the setting', goTo)), element('p', { class: 'message' }, it.message)),
  )
  parent.replaceChildren(...(items.length > 0 ? [element('h3', {}, 'Settings'), element('ul', { class: 'problems' }, ...items)] : []))
}

/** A line of a diff. Of a long line, only the part around the first difference. */
function diffLine(sign, text, other) {
  let shown = text
  if (text.length > 4 * AROUND) {
    let at = 0
    while (at < text.length && text[at] === other?.[at]) at += 1
    const from = Math.max(0, at - AROUND)
    shown = `${from > 0 ? '…' : ''}${text.slice(from, at + 2 * AROUND)}${at + 2 * AROUND < text.length ? '…' : ''}`
  }
  const name = { '-': 'del', '+': 'ins', ' ': 'span' }[sign]
  return element(name, {}, element('span', { class: 'sign' }, `${sign} `), shown, '\n')
}

function hunk(lines, { from, to, inserted }, goTo) {
  const start = Math.max(0, from - CONTEXT)
  const end = Math.min(lines.length, to + CONTEXT)
  const text = element(
    'pre',
    {},
    ...lines.slice(start, from).map((line) => diffLine(' ', line)),
    ...lines.slice(from, to).map((line, index) => diffLine('-', line, inserted[index])),
    ...inserted.map((line, index) => diffLine('+', line, lines[from + index])),
    ...lines.slice(to, end).map((line) => diffLine(' ', line)),
  )
  return element('li', { class: 'hunk' }, place({ line: from + 1 }, 'what changes', goTo), text)
}

/** The proposed fixes, with a button to apply them; or why there are none; or how to ask for them. */
export function showFixes(parent, { result, manifests }, { goTo, apply, ask }) {
  const parts = []
  if (result?.fixed != null) {
    const lines = manifests.split('\n')
    const found = changes(lines, result.fixed.split('\n'))
    parts.push(
      element(
        'div',
        { class: 'head' },
        element('h3', {}, `Proposed fixes: ${plural(found.length, 'place')}`),
        element('button', { type: 'button', class: 'primary', onclick: () => apply(found) }, 'Apply'),
      ),
      list(found.map((it) => () => hunk(lines, it, goTo)), 'diff'),
    )
  }
  if (result?.unfixable.length > 0) {
    const items = result.unfixable.map((it) =>
      element('li', { class: 'finding' }, element('p', { class: 'where' }, place(it, 'what cannot be fixed', goTo)), element('p', { class: 'message' }, it.message)),
    )
    parts.push(element('h3', {}, 'Why this text cannot be fixed'), element('ul', { class: 'problems' }, ...items))
  }
  const isStale = ({ code }) => code === 'mutable-image' || code === 'always-required'
  if (ask && parts.length === 0 && result?.documents.some(({ findings, accepted }) => !accepted && findings.some(isStale))) {
    const button = element('button', { type: 'button', onclick: ask }, 'Show a fix')
    parts.push(element('p', { class: 'ask' }, button, ...prose(' adds `mutate: {to: pullAlways}` to the settings.')))
  }
  parent.replaceChildren(...parts)
}
