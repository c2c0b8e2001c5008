// Asks the worker. While it is busy, only the latest question waits.

let worker
let isReady
let asked = null
let waiting = null
let listener = () => {}

function start() {
  isReady = false
  worker = new Worker(new URL('judge.js', import.meta.url), { type: 'module' })
  worker.onmessage = ({ data }) => answered(data)
  worker.onerror = (event) => answered({ failure: event.message ?? 'judge.js could not be loaded' })
}

function answered(data) {
  const question = asked ?? waiting
  if (data.isReady) {
    isReady = true
  } else {
    if (asked) asked = null
    else waiting = null
    // What has failed once is in no state to go on. What never started will not start either.
    if (data.failure) {
      worker.terminate()
      if (isReady) start()
    }
    listener({ ...question, ...data })
  }
  next()
}

function next() {
  if (!isReady || asked || !waiting) return
  asked = waiting
  waiting = null
  worker.postMessage(asked)
}

/** Has `{manifests, settings}` judged. The answer goes to the listener, with whatever else the question holds. */
export function judge(question) {
  waiting = question
  next()
}

/** Who is told: `{result, milliseconds}` or `{failure}`, and the question. */
export function onAnswer(told) {
  listener = told
}

start()
