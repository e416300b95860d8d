/**
 * Repetitions of something that can match nothing.
 *
 * JavaScript throws an optional turn of a loop away if it matched nothing, and tries the next way to match (ECMA-262,
 * 22.2.2.3.1, RepeatMatcher step 2.b). Engines without backtracking leave the loop instead. Both agree as long as
 * matching nothing is the last way that the repeated part tries, as in `(a*|b)`'s mirror `(b|a*)`: this is what is
 * decided here, so that the rest can be refused.
 */
import type { AST } from '@eslint-community/regexpp'

/** Whether nothing is the last thing that the element tries to match, if it tries it at all. */
export function triesEmptyLast(node: AST.Element): boolean {
  switch (node.type) {
    case 'Group':
    case 'CapturingGroup':
      return branchesTryEmptyLast(node.alternatives)
    case 'Quantifier':
      if (!canBeEmpty(node)) return true
      return triesEmptyLast(node.element) && (node.greedy || node.max === node.min)
    default:
      return true
  }
}

function branchesTryEmptyLast(branches: readonly AST.Alternative[]): boolean {
  return branches.every((branch, i) => {
    if (!branch.elements.every(canBeEmpty)) return true
    return i === branches.length - 1 && branch.elements.every(triesEmptyLast)
  })
}

/** Whether the element can match nothing. */
export function canBeEmpty(node: AST.Element): boolean {
  switch (node.type) {
    case 'Assertion':
    case 'Backreference':
      return true
    case 'Group':
    case 'CapturingGroup':
      return node.alternatives.some(branch => branch.elements.every(canBeEmpty))
    case 'Quantifier':
      return node.min === 0 || canBeEmpty(node.element)
    default:
      return false
  }
}
