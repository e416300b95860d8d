/** Patterns of keys: `*` stands for any letters, also none, `?` for one letter. */

/**
 * Whether a key matches, in at most as many steps as the key has letters times the pattern's: a regular expression made of the same
 * would try all ways to share the letters among its stars.
 */
export function matcher(pattern: string): (key: string) => boolean {
  const wanted = Array.from(pattern)
  return key => matches(Array.from(key), wanted)
}

function matches(letters: readonly string[], wanted: readonly string[]): boolean {
  let [place, next] = [0, 0]
  // Where the last star is, and up to which letter it reaches so far.
  let [star, reach] = [-1, 0]
  while (place < letters.length) {
    if (wanted[next] === '*') {
      star = next
      reach = place
      next += 1
    } else if (wanted[next] === '?' || wanted[next] === letters[place]) {
      place += 1
      next += 1
    } else if (star !== -1) {
      reach += 1
      place = reach
      next = star + 1
    } else {
      return false
    }
  }
  return wanted.slice(next).every(letter => letter === '*')
}
