import { setDiagnostics } from '@codemirror/lint'

import { judge, onAnswer } from './client.js'
import { element } from './dom.js'
import { editor, replace, show } from './editors.js'
import { offerExamples } from './examples.js'
import { offsets, range } from './places.js'
import { settingsHelp } from './settings-help.js'
import { decode, encode, fits } from './share.js'
import { showFindings, showMending, showSettingsProblems, sum } from './verdict.js'

/** Milliseconds without a key until what is typed is judged, and until a screen reader is told. */
const PAUSE = 120
const PAUSE_BEFORE_TELLING = 1200
/** Characters of an address from which on some programs cut it. */
const LONG_LINK = 8000

const STORY = `# Somebody rebuilds this image and pushes it under
# the same tag: a node that holds the tag goes on
# with the old one.
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: web}
    spec:
      containers:
        - name: web
          image: harbor.example.com/shop/web:1.1
          imagePullPolicy: IfNotPresent
        - name: proxy
          image: docker.io/envoyproxy/envoy@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
`
const NO_SETTINGS = '# None: an image needs a digest, or Always as its pull policy.\n'

const of = (id) => document.getElementById(id)
const notice = of('notice')
const status = of('status')
const summary = of('summary')
const verdict = of('verdict')

function notify(text) {
  notice.hidden = !text
  notice.replaceChildren(...(text ? [text, ' ', element('button', { type: 'button', onclick: () => notify('') }, 'Dismiss')] : []))
}

let teller
/** Tells a screen reader, once it is quiet. */
function tell(text, after = 0) {
  clearTimeout(teller)
  teller = setTimeout(() => {
    if (status.textContent !== text) status.textContent = text
  }, after)
}

// The texts, and their verdict.

let version = 0
document.body.dataset.version = version
let timer
function ask() {
  clearTimeout(timer)
  judge({ manifests: manifests.state.doc.toString(), settings: settings.state.doc.toString(), version })
}
function changed() {
  version += 1
  document.body.dataset.version = version
  clearTimeout(timer)
  timer = setTimeout(ask, PAUSE)
}

const manifests = editor(of('manifests'), {
  label: 'Manifests',
  describedBy: 'manifests-hint',
  doc: STORY,
  changed() {
    of('example').hidden = true
    changed()
  },
})
const settings = editor(of('settings'), {
  label: 'Settings',
  describedBy: 'settings-hint settings-help',
  doc: NO_SETTINGS,
  changed,
  extensions: settingsHelp(of('settings-help')),
})

/** Goes to a place in an editor. */
const goTo = (view) => (place) => {
  const { doc } = view.state
  show(view, range(doc, offsets(doc), place))
}

/** Underlines problems where they are. */
function underline(view, problems) {
  const { doc } = view.state
  const offset = offsets(doc)
  const diagnostics = problems.flatMap(({ problem, severity }) => {
    const at = range(doc, offset, problem)
    return at ? [{ ...at, severity, message: problem.message }] : []
  })
  view.dispatch(setDiagnostics(view.state, diagnostics))
}

const error = (problem) => ({ problem, severity: 'error' })

onAnswer((answer) => {
  // What was typed since then will be judged soon.
  if (answer.version !== version) return
  const { result } = answer
  const { state, word, numbers } = sum(answer)
  summary.dataset.state = state
  summary.querySelector('strong').textContent = word
  summary.querySelector('span').textContent = numbers
  document.body.dataset.milliseconds = answer.milliseconds
  document.body.dataset.judged = version
  tell(`${word}. ${numbers}`, PAUSE_BEFORE_TELLING)
  const found = (result?.documents ?? []).flatMap(({ accepted, findings }) =>
    findings.map((problem) => ({ problem, severity: accepted ? 'warning' : 'error' })),
  )
  underline(manifests, [...found, ...(result?.errors ?? []).map(error), ...(result?.unfixable ?? []).map(error)])
  underline(settings, (result?.settings ?? []).map(error))
  showSettingsProblems(of('settings-problems'), answer, goTo(settings))
  showMending(of('mend'), answer, { goTo: goTo(manifests), apply, ask: mayAsk(answer) ? askToMend : null })
  showFindings(of('findings'), answer, goTo(manifests))
  if (!performance.getEntriesByName('first-verdict').length) performance.mark('first-verdict')
})

// Mending.

/** Whether a line of its own can be added to the settings. */
const mayAsk = ({ settings }) => !/^(\s*[{[]|---|null|~|apiVersion:|mutate:)/m.test(settings)

function askToMend() {
  const { doc } = settings.state
  const text = doc.toString()
  const from = text === NO_SETTINGS ? 0 : doc.length
  const before = from > 0 && !text.endsWith('\n') ? '\n' : ''
  settings.dispatch({ changes: { from, to: doc.length, insert: `${before}mutate:\n  to: pullAlways\n` } })
  verdict.focus()
}

function apply(changes) {
  const { doc } = manifests.state
  const edits = changes.map(({ from, to, inserted }) => {
    // With the line ends before the lines, but at the start of the text.
    const start = from > 0 ? doc.line(from).to : 0
    const end = to > 0 ? doc.line(to).to : 0
    const text = inserted.join('\n')
    if (from > 0) return { from: start, to: end, insert: inserted.length > 0 ? `\n${text}` : '' }
    if (to > 0) return { from: 0, to: end, insert: text }
    return { from: 0, insert: `${text}\n` }
  })
  manifests.dispatch({ changes: edits, userEvent: 'input.mend' })
  verdict.focus()
}

// Examples.

offerExamples(
  of('examples-open'),
  (example) => {
    notify('')
    replace(manifests, example.manifests)
    replace(settings, example.settings || NO_SETTINGS)
    const named = of('example')
    named.replaceChildren(element('strong', {}, `${example.group}/${example.name}`), ` ${example.description}`)
    named.hidden = false
    ask()
    verdict.focus()
  },
  notify,
)

// Sharing.

async function share() {
  const texts = { manifests: manifests.state.doc.toString(), settings: settings.state.doc.toString() }
  if (!fits(texts)) {
    notify('The texts are too long for a link.')
    return
  }
  const fragment = await encode(texts)
  history.replaceState(null, '', fragment)
  const size = location.href.length
  const long = size > LONG_LINK ? ` It has ${size.toLocaleString('en')} characters, which some programs cut.` : ''
  try {
    await navigator.clipboard.writeText(location.href)
    notify(`Link copied. It holds both texts.${long}`)
  } catch {
    notify(`The link is in the address bar: this browser does not let it be copied. It holds both texts.${long}`)
  }
}

/** Whether the address holds texts, readable or not. */
async function open() {
  try {
    const texts = await decode(location.hash)
    if (!texts) return false
    notify('')
    replace(manifests, texts.manifests)
    replace(settings, texts.settings)
  } catch {
    notify('This link is incomplete or damaged, so its texts cannot be shown.')
  }
  ask()
  return true
}

of('share').addEventListener('click', share)
addEventListener('hashchange', open)

if (!(await open())) ask()
