// Lines and columns, as the policy counts them, in a document of the editor.

/** A function from a line and a column, counted from 1 in Unicode characters, to an offset, counted in UTF-16 units. */
export function offsets(doc) {
  const simple = new Map()
  return (line, column) => {
    const { from, to, text } = doc.line(Math.min(Math.max(line, 1), doc.lines))
    if (!simple.has(from)) simple.set(from, !/[\ud800-\udbff]/.test(text))
    if (simple.get(from)) return Math.min(from + column - 1, to)
    let offset = from
    for (const character of text) {
      if (--column < 1) break
      offset += character.length
    }
    return offset
  }
}

/** The range of what is wrong; where only its start is known, up to the end of the word. */
export function range(doc, offset, { line, column, endLine, endColumn }) {
  if (!line) return null
  const from = offset(line, column ?? 1)
  if (endLine) return { from, to: Math.max(offset(endLine, endColumn), from) }
  const { text, from: start } = doc.lineAt(from)
  const word = text.slice(from - start).match(/^(?:[^\s,[\]{}]+|[^])/u)
  return { from, to: from + (word ? word[0].length : 0) }
}
