// Both texts in the fragment of the address, which a browser sends to nobody: base64url of deflated JSON.

const PREFIX = '#v1.'
/** More than anybody shares; what is deflated may be small and inflate to gigabytes. */
const MOST_CHARACTERS = 4 << 20

const through = (bytes, transform) => new Blob([bytes]).stream().pipeThrough(transform)

/** Whether a link can hold the texts. */
export const fits = (texts) => JSON.stringify(texts).length <= MOST_CHARACTERS

export async function encode(texts) {
  const deflated = through(JSON.stringify(texts), new CompressionStream('deflate-raw'))
  const bytes = new Uint8Array(await new Response(deflated).arrayBuffer())
  let binary = ''
  // In pieces, because a call takes a limited number of arguments.
  for (let at = 0; at < bytes.length; at += 8192) binary += String.fromCharCode(...bytes.subarray(at, at + 8192))
  return PREFIX + btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')
}

/** The texts of a fragment; null if it holds none; throws if they cannot be read. */
export async function decode(fragment) {
  if (!/^#v\d+\./.test(fragment)) return null
  if (!fragment.startsWith(PREFIX)) throw new Error('another version')
  const binary = atob(fragment.slice(PREFIX.length).replaceAll('-', '+').replaceAll('_', '/'))
  const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0))
  const inflated = through(bytes, new DecompressionStream('deflate-raw')).pipeThrough(new TextDecoderStream())
  let json = ''
  for (const reader = inflated.getReader(); ; ) {
    const { done, value } = await reader.read()
    if (done) break
    json += value
    if (json.length > MOST_CHARACTERS) throw new Error('too large')
  }
  const { manifests, settings } = JSON.parse(json)
  if (typeof manifests !== 'string' || typeof settings !== 'string') throw new Error('no texts')
  return { manifests, settings }
}
