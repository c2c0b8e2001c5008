// The page that says what runs: text or a file goes to the worker, its report is shown.
import { element, plural } from './dom.js'

const of = (id) => document.getElementById(id)
const cluster = of('cluster')
const file = of('file')
const summary = of('summary')
/** How many findings are shown at first, because thousands are slow in a browser. */
const MANY = 100

const STATES = { stale: 'rejected', split: 'rejected', unknown: 'warned' }

/** The report in a word and in numbers: `{state, word, numbers}`. */
function sum({ pods, containers, images, summary: counts, ok }) {
  if (pods === 0) return { state: 'wait', word: 'No Pods in this text', numbers: 'Paste what kubectl get pods,nodes -A -o json prints' }
  const parts = Object.entries(counts).filter(([, count]) => count > 0).map(([what, count]) => `${count.toLocaleString('en')} ${what}`)
  const numbers = `${plural(containers, 'container')}, ${plural(images, 'image')}: ${parts.join(', ')}`
  if (!ok) return { state: 'rejected', word: 'Different contents under one tag', numbers }
  if (counts.unknown > 0) return { state: 'warned', word: 'Some cannot be compared', numbers }
  return { state: 'accepted', word: 'No difference seen', numbers }
}

const item = (it) =>
  element(
    'li',
    { class: `document ${STATES[it.verdict]}` },
    element(
      'h3',
      {},
      element('span', { class: `badge ${STATES[it.verdict]}` }, it.verdict),
      ' ',
      element('span', { class: 'title' }, `${it.kind} ${it.namespace}/${it.name}`),
    ),
    element(
      'ul',
      {},
      element('li', { class: 'finding' }, element('p', { class: 'message' }, `${it.summary}.`), element('code', { class: 'code' }, it.code)),
      ...it.details.map((line) => element('li', { class: 'finding' }, element('p', { class: 'message' }, line))),
    ),
  )

/** The findings that need a look; more of them on demand. */
function list(findings) {
  const made = element('ol', { class: 'documents' })
  const more = () => {
    made.append(...findings.slice(made.children.length, made.children.length + MANY).map(item))
    const left = findings.length - made.children.length
    if (left > 0) button.textContent = `Show more, ${left.toLocaleString('en')} left`
    else button.remove()
  }
  const button = element('button', { type: 'button', class: 'more', onclick: more })
  const both = element('div', {}, made, button)
  more()
  return both
}

function show({ state, word, numbers }, ...findings) {
  summary.dataset.state = state
  summary.querySelector('strong').textContent = word
  summary.querySelector('span').textContent = numbers
  of('findings').replaceChildren(...findings)
  of('status').textContent = `${word}. ${numbers}`
}

let timer
let worker
let isReady
/** Why the worker never started. */
let broken
/** The latest question, `{id, asked}`; answers to others are dropped. */
let question = { id: 0 }

function start() {
  isReady = false
  worker = new Worker(new URL('running-worker.js', import.meta.url), { type: 'module' })
  worker.onmessage = ({ data }) => answered(data)
  worker.onerror = (event) => answered({ broken: event.message ?? 'running-worker.js could not be loaded' })
}

const fail = (failure) => show({ state: 'rejected', word: 'Cannot be read', numbers: failure })

function answered(answer) {
  if (answer.isReady) {
    isReady = true
    if (question.asked !== undefined) worker.postMessage(question)
    return
  }
  const { id = question.id, report, failure = answer.broken } = answer
  if (answer.broken !== undefined) {
    // A module that failed once cannot continue. One that never started will not start either.
    worker.terminate()
    if (isReady) start()
    else broken = answer.broken
  }
  if (id !== question.id || question.asked === undefined) return
  question = { id }
  if (failure !== undefined) fail(failure)
  else show(sum(report), list(report.findings.filter(({ verdict }) => verdict in STATES)))
  document.body.dataset.answered = id
}

/** Asks about a text or a file, and about nothing that was typed before. */
function ask(asked) {
  clearTimeout(timer)
  question = { id: question.id + 1, asked }
  show({ state: 'wait', word: 'Reading…', numbers: '' })
  if (broken !== undefined) fail(broken)
  else if (isReady) worker.postMessage(question)
}

/** Asks nothing, and drops what was asked. */
function forget() {
  question = { id: question.id + 1 }
  show({ state: 'wait', word: 'Paste the output of kubectl', numbers: '' })
}

cluster.addEventListener('input', () => {
  clearTimeout(timer)
  if (cluster.value.trim() === '') forget()
  else timer = setTimeout(() => ask(cluster.value), 120)
})
file.addEventListener('change', () => {
  if (file.files.length > 0) ask(file.files[0])
})
// The same file may be chosen again, with what kubectl says now.
file.addEventListener('click', () => {
  file.value = ''
})
// A file that is dropped anywhere.
addEventListener('dragover', (event) => event.preventDefault())
addEventListener('drop', (event) => {
  if (event.dataTransfer.files.length === 0) return
  event.preventDefault()
  ask(event.dataTransfer.files[0])
})

start()
