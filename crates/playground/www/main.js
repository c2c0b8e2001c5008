import { setDiagnostics } from '@codemirror/lint'

import { judge, onAnswer } from './client.js'
import { element } from './dom.js'
import { editor, replace, show } from './editors.js'
import { offerExamples } from './examples.js'
import { offsets, range } from './places.js'
import { settingsHelp } from './settings-help.js'
import { decode, encode, fits } from './share.js'
import { showFindings, showFixes, showSettingsProblems, sum } from './verdict.js'

/** Milliseconds without typing until the text is judged, and until a screen reader announces the verdict. */
const PAUSE = 120
const PAUSE_BEFORE_ANNOUNCING = 1200
/** Length of an address, in characters, beyond which some programs cut it. */
const LONG_LINK = 8000

const STORY = `# Someone rebuilds this image and pushes it under
# the same tag. Pods on a node that holds the tag
# keep starting the old content.
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
const NO_SETTINGS = '# No settings: an image needs a digest, or Always as its pull policy.\n'

const of = (id) => document.getElementById(id)
const notice = of('notice')
const status = of('status')
const summary = of('summary')
const verdict = of('verdict')

function notify(text) {
  notice.hidden = !text
  notice.replaceChildren(...(text ? [text, ' ', element('button', { type: 'button', onclick: () => notify('') }, 'Dismiss')] : []))
}

let announcer
/** Announces a text through a screen reader, after a pause. */
function announce(text, after = 0) {
  clearTimeout(announcer)
  announcer = setTimeout(() => {
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
  // Newer text will be judged soon.
  if (answer.version !== version) return
  const { result } = answer
  const { state, word, numbers } = sum(answer)
  summary.dataset.state = state
  summary.querySelector('strong').textContent = word
  summary.querySelector('span').textContent = numbers
  document.body.dataset.milliseconds = answer.milliseconds
  document.body.dataset.judged = version
  announce(`${word}. ${numbers}`, PAUSE_BEFORE_ANNOUNCING)
  const found = (result?.documents ?? []).flatMap(({ accepted, findings }) =>
    findings.map((problem) => ({ problem, severity: accepted ? 'warning' : 'error' })),
  )
  underline(manifests, [...found, ...(result?.errors ?? []).map(error), ...(result?.unfixable ?? []).map(error)])
  underline(settings, (result?.settings ?? []).map(error))
  showSettingsProblems(of('settings-problems'), answer, goTo(settings))
  showFixes(of('fixes'), answer, { goTo: goTo(manifests), apply, ask: mayAsk(answer) ? askForFixes : null })
  showFindings(of('findings'), answer, goTo(manifests))
  if (!performance.getEntriesByName('first-verdict').length) performance.mark('first-verdict')
})

// Fixes.

/** Whether a line can be added to the settings. */
const mayAsk = ({ settings }) => !/^(\s*[{[]|---|null|~|apiVersion:|mutate:)/m.test(settings)

function askForFixes() {
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
    // Each line with the line end before it, except at the start of the text.
    const start = from > 0 ? doc.line(from).to : 0
    const end = to > 0 ? doc.line(to).to : 0
    const text = inserted.join('\n')
    if (from > 0) return { from: start, to: end, insert: inserted.length > 0 ? `\n${text}` : '' }
    if (to > 0) return { from: 0, to: end, insert: text }
    return { from: 0, insert: `${text}\n` }
  })
  manifests.dispatch({ changes: edits, userEvent: 'input.fix' })
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
  const long = size > LONG_LINK ? ` It has ${size.toLocaleString('en')} characters; some programs cut links of this length.` : ''
  try {
    await navigator.clipboard.writeText(location.href)
    notify(`Link copied. It contains both texts.${long}`)
  } catch {
    notify(`The link is in the address bar, because this browser does not allow copying. It contains both texts.${long}`)
  }
}

/** Whether the address contains texts, readable or not. */
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
