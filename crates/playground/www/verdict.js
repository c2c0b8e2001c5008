// The verdict: what it says in one line, the findings with their places, what mending would change.
import { changes } from './diff.js'
import { element, plural, prose } from './dom.js'

/** So many are shown at first; a browser takes its time for thousands. */
const MANY = 100
const CONTEXT = 2
/** Of a long line, so many characters around what changed. */
const AROUND = 80

/** The verdict in a word and in numbers: `{state, word, numbers}`. */
export function sum({ result, failure }) {
  if (failure) return { state: 'rejected', word: 'Could not be judged', numbers: failure }
  const { settings, summary, fixed } = result
  if (settings.length > 0) {
    return { state: 'rejected', word: 'Settings are not valid', numbers: `${plural(settings.length, 'problem')}; nothing was judged` }
  }
  const { documents, images, accepted, mended, warned, rejected, unreadable } = summary
  const counts = { accepted: accepted - mended - warned, mended, warned, rejected, unreadable }
  const parts = Object.entries(counts).filter(([, count]) => count > 0).map(([what, count]) => `${count.toLocaleString('en')} ${what}`)
  const total = `${plural(documents, 'document')}, ${plural(images, 'image')}`
  const numbers = documents + unreadable > 1 && parts.length > 0 ? `${total}: ${parts.join(', ')}` : total
  if (rejected > 0) return { state: 'rejected', word: 'Rejected', numbers }
  if (unreadable > 0) return { state: 'rejected', word: 'Cannot be read', numbers }
  if (documents === 0) return { state: 'wait', word: 'Nothing to judge', numbers: '' }
  if (fixed !== null) return { state: 'mended', word: 'Accepted once mended', numbers }
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

/** A message says the code again at its end. */
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

function stateOf({ accepted, mended, findings, warnings }) {
  if (!accepted) return 'rejected'
  if (mended) return 'mended'
  return findings.length + warnings.length > 0 ? 'warned' : 'accepted'
}

function documentItem(it, goTo) {
  const state = stateOf(it)
  const title = titleOf(it)
  // A finding and its warning say the same.
  const told = new Set(it.findings.map(({ message }) => message))
  const warnings = it.warnings.filter((warning) => !told.has(warning))
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

/** A list of which the rest is shown on demand. */
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
    // The keyboard goes on with what is new.
    if (first > 0) made.children[first].querySelector('button')?.focus()
  }
  const button = element('button', { type: 'button', class: 'more', onclick: more })
  const both = element('div', {}, made, button)
  more()
  return both
}

/** What was judged: first what is wrong, then the rest, each in the order of the text. */
export function showFindings(parent, { result, failure }, goTo) {
  if (failure) return parent.replaceChildren()
  const { documents, errors, settings } = result
  if (settings.length > 0) return parent.replaceChildren()
  const rank = { rejected: 0, warned: 1, mended: 2, accepted: 3 }
  const ranked = [
    ...errors.map((it) => ({ rank: 0, line: it.line ?? 0, make: () => errorItem(it, goTo) })),
    ...documents.map((it) => ({ rank: rank[stateOf(it)], line: it.line, make: () => documentItem(it, goTo) })),
  ].sort((a, b) => a.rank - b.rank || a.line - b.line)
  const unresolved = documents.some(({ findings }) => findings.some(({ code }) => code === 'digest-unresolved'))
  parent.replaceChildren(
    unresolved ? element('p', { class: 'note' }, 'A browser asks no registry, so no digest is known here. In the cluster the policy asks the registries that the settings list.') : '',
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

/** A line as part of a diff; of a long one, what is around the place where it differs from the other. */
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

/** What mending changes, with a button to apply it; or why it cannot be done; or how to ask for it. */
export function showMending(parent, { result, manifests }, { goTo, apply, ask }) {
  const parts = []
  if (result?.fixed != null) {
    const lines = manifests.split('\n')
    const found = changes(lines, result.fixed.split('\n'))
    parts.push(
      element(
        'div',
        { class: 'head' },
        element('h3', {}, `What mending changes: ${plural(found.length, 'place')}`),
        element('button', { type: 'button', class: 'primary', onclick: () => apply(found) }, 'Apply'),
      ),
      list(found.map((it) => () => hunk(lines, it, goTo)), 'diff'),
    )
  }
  if (result?.unfixable.length > 0) {
    const items = result.unfixable.map((it) =>
      element('li', { class: 'finding' }, element('p', { class: 'where' }, place(it, 'what cannot be mended', goTo)), element('p', { class: 'message' }, it.message)),
    )
    parts.push(element('h3', {}, 'Why this text cannot be mended'), element('ul', { class: 'problems' }, ...items))
  }
  const isStale = ({ code }) => code === 'mutable-image' || code === 'always-required'
  if (ask && parts.length === 0 && result?.documents.some(({ findings, accepted }) => !accepted && findings.some(isStale))) {
    const button = element('button', { type: 'button', onclick: ask }, 'Show how to mend it')
    parts.push(element('p', { class: 'ask' }, button, ...prose(' adds `mutate: {to: pullAlways}` to the settings.')))
  }
  parent.replaceChildren(...parts)
}
