// What a fix changes: whole lines, each change close to where it was. So a walk along both texts finds them.

/** How far apart two lines may be that belong together. */
const REACH = 60

/** `[{from, to, inserted}]`: lines from `from` up to `to`, counted from 0, are replaced by the lines `inserted`. */
export function changes(before, after) {
  const found = []
  let a = 0
  let b = 0
  while (a < before.length || b < after.length) {
    if (a < before.length && before[a] === after[b]) {
      a += 1
      b += 1
      continue
    }
    const [nextA, nextB] = meeting(before, after, a, b)
    found.push({ from: a, to: nextA, inserted: after.slice(b, nextB) })
    a = nextA
    b = nextB
  }
  return found
}

/** The nearest lines from which on both texts are alike again; their ends if there are none. */
function meeting(before, after, a, b) {
  for (let distance = 1; distance <= REACH; distance++) {
    for (let skipped = 0; skipped <= distance; skipped++) {
      const [nextA, nextB] = [a + skipped, b + distance - skipped]
      if (nextA >= before.length && nextB >= after.length) return [before.length, after.length]
      // One line alone may be alike by chance.
      if (before[nextA] === after[nextB] && before[nextA + 1] === after[nextB + 1]) return [nextA, nextB]
    }
  }
  return [before.length, after.length]
}
