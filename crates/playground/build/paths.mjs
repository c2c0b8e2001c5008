// Where things are.
import { fileURLToPath } from 'node:url'

export const playground = fileURLToPath(new URL('..', import.meta.url))
export const root = fileURLToPath(new URL('../../..', import.meta.url))
export const built = `${root}target/playground`
