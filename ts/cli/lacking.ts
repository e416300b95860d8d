/** What a ranked answer may lack, in words. */
import type { Gap, RankedCoverage } from '../engine/search.js'
import { counted } from './format.js'

const GAPS: Readonly<Record<Gap, (coverage: RankedCoverage) => string>> = {
  unranked: ({ ranked, indexed }) => `${ranked} of ${counted(indexed, 'file')} searched`,
  changed: () => 'a file has changed and was not searched for the regular expression',
  compressed: () => 'compressed logs were not searched for the regular expression',
  otherOptions: () => 'the store holds the files that other options ask for',
}

/** What may be missing in an answer, a reason each. */
export function lacking(coverage: RankedCoverage): string[] {
  const reasons = coverage.gaps.map(gap => GAPS[gap](coverage))
  if (coverage.limit === 'maxExpansions')
    reasons.push('only the most frequent words were looked for that a prefix or a misspelt word stands for')
  return reasons
}
