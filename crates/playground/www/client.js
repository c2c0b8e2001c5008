// Asks the worker. While it is busy, only the latest question waits.

/** Milliseconds after which a question is given up, so that the next text need not wait for it. */
const PATIENCE = 20_000

let worker
let isReady
let isBroken = null
let asked = null
let waiting = null
let timer
let listener = () => {}

function start() {
  isReady = false
  worker = new Worker(new URL('judge.js', import.meta.url), { type: 'module' })
  worker.onmessage = ({ data }) => answered(data)
  worker.onerror = (event) => answered({ failure: event.message ?? 'judge.js could not be loaded' })
}

function answered(data) {
  if (data.isReady) {
    isReady = true
    next()
    return
  }
  clearTimeout(timer)
  const question = asked
  asked = null
  if (data.failure) {
    worker.terminate()
    // A module that failed once cannot continue. One that never started will not start either.
    if (isReady) start()
    else isBroken = data
  }
  if (question) listener({ ...question, ...data })
  next()
}

function next() {
  if (asked || !waiting || !(isReady || isBroken)) return
  asked = waiting
  waiting = null
  if (isBroken) {
    queueMicrotask(() => answered(isBroken))
    return
  }
  timer = setTimeout(() => answered({ failure: `given up after ${PATIENCE / 1000} seconds` }), PATIENCE)
  worker.postMessage(asked)
}

/** Judges `{manifests, settings}`. The listener gets the answer, with all other fields of the question. */
export function judge(question) {
  waiting = question
  next()
}

/** Sets the listener. It gets `{result, milliseconds}` or `{failure}`, and the question. */
export function onAnswer(heard) {
  listener = heard
}

start()
