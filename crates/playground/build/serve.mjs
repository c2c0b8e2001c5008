// Serves a folder on loopback: `serve.mjs [FOLDER]`, PORT=8000.
import { createReadStream, statSync } from 'node:fs'
import { createServer } from 'node:http'
import { extname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'

import { built } from './paths.mjs'

const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
}

/** The file that a request asks for; nothing if no file can be called that. */
function fileOf(folder, url) {
  try {
    const path = normalize(decodeURIComponent(new URL(url, 'http://localhost').pathname))
    return path.includes('\0') ? undefined : join(folder, path.endsWith('/') ? `${path}index.html` : path)
  } catch {
    return undefined
  }
}

/** A server of a folder, and its address. Port 0 is any that is free. */
export function serve(folder, port = 0) {
  const server = createServer((request, response) => {
    const file = fileOf(folder, request.url)
    const size = file && statSync(file, { throwIfNoEntry: false })?.isFile() ? statSync(file).size : undefined
    if (size === undefined) {
      response.writeHead(404, { 'content-type': TYPES['.txt'] }).end('not found\n')
      return
    }
    response.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream', 'content-length': size })
    createReadStream(file).pipe(response)
  })
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => resolve({ server, url: `http://127.0.0.1:${server.address().port}/` }))
  })
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { url } = await serve(process.argv[2] ?? `${built}/site`, Number(process.env.PORT ?? 8000))
  console.log(`${url}\nCtrl-C ends it.`)
}
